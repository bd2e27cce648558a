using System.Runtime.InteropServices;

namespace Coffer.Onnx;

/// <summary>Finds out whether an execution provider can start here, and if not, which file is missing and what to do.</summary>
internal static class ExecutionProviderProbe
{
    /// <summary>Null when nothing stands against it.</summary>
    public static ExecutionProviderObstacle? FindObstacle(ExecutionProvider provider)
    {
        if (provider.PlugInOptions is { } plugIn)
        {
            _ = PlugInLibrary.Find(plugIn, out var obstacle);
            return obstacle;
        }

        if (!OrtEnvironment.Get().GetAvailableProviders().Contains(provider.OrtName))
        {
            return new ExecutionProviderObstacle(
                $"the native ONNX Runtime in use ({NativeRuntime.Version}) was built without {provider.Name}",
                HowToGet(provider));
        }

        return provider.Name switch
        {
            "CUDA" => FindMissing(CudaLibraries),
            "TensorRT" => FindMissing(TensorRtLibraries) ?? FindMissing(CudaLibraries),
            "OpenVINO" => FindMissing(OpenVinoLibraries),
            _ => null,
        };
    }

    private static string HowToGet(ExecutionProvider provider) => provider.Name switch
    {
        "CUDA" or "TensorRT" => "Replace Coffer.Runtime.Cpu by 'dotnet add package Coffer.Runtime.Gpu' (Linux x64 or Windows x64 with an NVIDIA GPU).",
        "CoreML" => "CoreML is in the packages for macOS and iOS only.",
        "DirectML" => "Give a build of ONNX Runtime with DirectML (Windows) to OnnxRuntimeLibrary.Use, or to the tool as --ort-library.",
        _ => $"Give a build of ONNX Runtime with {provider.Name} to OnnxRuntimeLibrary.Use, or to the tool as --ort-library.",
    };

    /// <summary>Asks the loader itself, because only it knows every folder that it will search.</summary>
    private static ExecutionProviderObstacle? FindMissing(IReadOnlyList<RequiredLibrary> libraries)
    {
        var missing = libraries.Where(library => !library.Names.Any(CanLoad)).ToArray();
        return missing.Length == 0
            ? null
            : new ExecutionProviderObstacle(
                "the loader doesn't find " + string.Join(", ", missing.Select(library => string.Join(" or ", library.Names))),
                string.Join(" ", missing.Select(library => library.Fix).Distinct()));
    }

    /// <summary>What loads stays loaded: ONNX Runtime asks for the same next, and CUDA's libraries are not made to be unloaded.</summary>
    private static bool CanLoad(string name)
    {
        // Beside ONNX Runtime first: that is where it looks for its own providers.
        var folder = Path.GetDirectoryName(NativeRuntime.LibraryPath);
        return (folder is not null && NativeLibrary.TryLoad(Path.Combine(folder, name), out _)) || NativeLibrary.TryLoad(name, out _);
    }

    private sealed record RequiredLibrary(string Fix, params IReadOnlyList<string> Names);

    private const string InstallRuntime = "Install Coffer.Runtime.Gpu, whose files must lie beside the application.";
    private const string InstallCuda = "Install the CUDA toolkit 12 or 13 (on Linux its lib64 folder must be in LD_LIBRARY_PATH or ld.so.conf, on Windows its bin folder in PATH).";
    private const string InstallCudnn = "Install cuDNN 9 for the CUDA version in use, where the loader finds it.";
    private const string InstallTensorRt = "Install TensorRT 10, where the loader finds it.";
    private const string InstallOpenVino = "Install the OpenVINO runtime that this build of ONNX Runtime was made for, and run its setupvars script.";

    private static readonly RequiredLibrary[] CudaLibraries = OperatingSystem.IsWindows()
        ?
        [
            new(InstallCuda, "cudart64_13.dll", "cudart64_12.dll"),
            new(InstallCuda, "cublas64_13.dll", "cublas64_12.dll"),
            new(InstallCudnn, "cudnn64_9.dll"),
            new(InstallRuntime, "onnxruntime_providers_cuda.dll"),
        ]
        :
        [
            new(InstallCuda, "libcudart.so.13", "libcudart.so.12"),
            new(InstallCuda, "libcublas.so.13", "libcublas.so.12"),
            new(InstallCudnn, "libcudnn.so.9"),
            new(InstallRuntime, "libonnxruntime_providers_cuda.so"),
        ];

    private static readonly RequiredLibrary[] TensorRtLibraries = OperatingSystem.IsWindows()
        ? [new(InstallTensorRt, "nvinfer_10.dll"), new(InstallRuntime, "onnxruntime_providers_tensorrt.dll")]
        : [new(InstallTensorRt, "libnvinfer.so.10"), new(InstallRuntime, "libonnxruntime_providers_tensorrt.so")];

    private static readonly RequiredLibrary[] OpenVinoLibraries = OperatingSystem.IsWindows()
        ? [new(InstallOpenVino, "openvino.dll"), new(InstallRuntime, "onnxruntime_providers_openvino.dll")]
        : [new(InstallOpenVino, "libopenvino.so"), new(InstallRuntime, "libonnxruntime_providers_openvino.so")];
}
