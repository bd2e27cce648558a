using Coffer.Onnx;

namespace Coffer.Gpu.Tests;

/// <summary>The ONNX Runtime with WebGPU that <c>tests/gpu/prepare.sh</c> makes.</summary>
internal static class GpuRuntime
{
    private static readonly string Folder = Repository.File("tests", "gpu", ".native");
    private static readonly Lazy<bool> Loaded = new(Load);

    /// <summary>Whether this process has it.</summary>
    public static bool IsThere => Loaded.Value;

    /// <summary>Skips the test, saying what to do, where it was not prepared; under CI that is a failure.</summary>
    public static void Require()
    {
        if (!IsThere)
        {
            Repository.Require("There is no ONNX Runtime with WebGPU: run tests/gpu/prepare.sh");
        }
    }

    private static bool Load()
    {
        var library = Path.Combine(Folder, "libonnxruntime.so");
        if (!OperatingSystem.IsLinux() || !File.Exists(library))
        {
            return false;
        }

        OnnxRuntimeLibrary.Use(library);
        return true;
    }
}
