using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Coffer.Onnx;

/// <summary>Asks the system's loader whether a native library can be loaded, and if not, which file it doesn't find.</summary>
internal static partial class LibraryLoader
{
    /// <summary>
    /// Null when the library loads, which it then stays: who asks needs it next, and CUDA's libraries are not made to be unloaded. Also
    /// null when a symbol is what it lacks: ONNX Runtime's providers get theirs from libraries that it loads before them.
    /// </summary>
    /// <param name="library">A path, or a name that the loader searches for.</param>
    public static MissingLibrary? FindMissing(string library)
    {
        try
        {
            _ = NativeLibrary.Load(library);
            return null;
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            return Explain(library, e.Message);
        }
    }

    /// <summary>Reads the loader's message. The one for Windows names no file but the library itself.</summary>
    internal static MissingLibrary? Explain(string library, string message)
    {
        if (LackOfSymbol().IsMatch(message))
        {
            return null;
        }

        var name = Path.GetFileName(library);
        // .NET also tries names of its own making: libNAME, NAME.so.
        string[] same = [name, "lib" + name, name + ".so", "lib" + name + ".so", name + ".dylib", "lib" + name + ".dylib"];
        var other = LackOfFile().Matches(message)
            .Select(match => Path.GetFileName(match.Groups["file"].Value))
            .FirstOrDefault(file => !same.Contains(file, StringComparer.Ordinal));
        return other is null ? new MissingLibrary(name, NeededBy: null) : new MissingLibrary(other, name);
    }

    // The messages of glibc, musl and macOS' dyld.
    [GeneratedRegex(@"(?<file>[^\s:]+): cannot open shared object file|Error loading shared library (?<file>[^\s:]+): No such file|Library not loaded: (?<file>\S+)")]
    private static partial Regex LackOfFile();

    [GeneratedRegex("undefined symbol|symbol not found|[Ss]ymbol not found in flat namespace")]
    private static partial Regex LackOfSymbol();
}
