using System.Diagnostics;

namespace Coffer.Tests.Onnx;

/// <summary>Native libraries made by gcc for a test.</summary>
internal static class NativeLibraryMaker
{
    /// <summary>Compiles a library into the folder; skips the test where there is no gcc for Linux.</summary>
    public static string Make(string folder, string name, string source, params string[] arguments)
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/usr/bin/gcc"))
        {
            Repository.Require("There is no gcc for Linux");
        }

        var code = Path.Combine(folder, name + ".c");
        var library = Path.Combine(folder, name);
        File.WriteAllText(code, source);
        using var gcc = Process.Start(new ProcessStartInfo("/usr/bin/gcc", ["-shared", "-fPIC", $"-Wl,-soname,{name}", "-o", library, code, .. arguments]) { RedirectStandardError = true })!;
        var errors = gcc.StandardError.ReadToEnd();
        gcc.WaitForExit();
        Assert.True(gcc.ExitCode == 0, errors);
        return library;
    }
}
