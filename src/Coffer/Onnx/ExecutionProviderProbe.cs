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

        var folder = Path.GetDirectoryName(NativeRuntime.LibraryPath);
        return provider.Name switch
        {
            "CUDA" => FindMissing(folder, CudaLibraries),
            "TensorRT" => FindMissing(folder, TensorRtLibraries) ?? FindMissing(folder, CudaLibraries),
            "OpenVINO" => FindMissing(folder, OpenVinoLibraries),
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

    /// <summary>Asks the loader itself, because only it knows every folder that it will search and what each library needs in turn.</summary>
    internal static ExecutionProviderObstacle? FindMissing(string? folder, IReadOnlyList<RequiredLibrary> libraries)
    {
        // The providers take symbols from it; ONNX Runtime loads it before them too.
        _ = FindMissing(folder, OperatingSystem.IsWindows() ? "onnxruntime_providers_shared.dll" : "libonnxruntime_providers_shared.so");
        var missing = libraries.Select(library => (Library: library, Found: FindMissing(folder, library))).Where(pair => pair.Found.Count > 0).ToArray();
        return missing.Length == 0
            ? null
            : new ExecutionProviderObstacle(
                "the loader doesn't find " + string.Join("; ", missing.Select(pair => string.Join(" or ", pair.Found)).Distinct()),
                string.Join(" ", missing.Select(pair => Fix(pair.Library, pair.Found)).Distinct()));
    }

    /// <summary>Empty when one of the names serves.</summary>
    private static List<MissingLibrary> FindMissing(string? folder, RequiredLibrary library)
    {
        var found = new List<MissingLibrary>();
        foreach (var name in library.Names)
        {
            if (FindMissing(folder, name) is not { } missing)
            {
                return [];
            }

            found.Add(missing);
        }

        // One that is there but lacks something says more than those of other versions, which are not there.
        return found.Exists(missing => missing.NeededBy is not null) ? found.FindAll(missing => missing.NeededBy is not null) : found;
    }

    private static MissingLibrary? FindMissing(string? folder, string name)
    {
        // Beside ONNX Runtime first: that is where it looks for its own providers.
        var beside = folder is null ? null : Path.Combine(folder, name);
        return LibraryLoader.FindMissing(beside is not null && File.Exists(beside) ? beside : name);
    }

    private static string Fix(RequiredLibrary library, List<MissingLibrary> missing)
    {
        if (missing[0].NeededBy is null)
        {
            return library.Fix;
        }

        var name = missing[0].Name;
        return Makers.FirstOrDefault(maker => name.Contains(maker.Part, StringComparison.OrdinalIgnoreCase)).Fix
            ?? $"Install what brings {name}, where the loader finds it.";
    }

    private const string InstallRuntime = "Install Coffer.Runtime.Gpu, whose files must lie beside the application.";
    private const string InstallCuda = "Install the CUDA toolkit 12 or 13 (on Linux its lib64 folder must be in LD_LIBRARY_PATH or ld.so.conf, on Windows its bin folder in PATH).";
    private const string InstallCudnn = "Install cuDNN 9 for the CUDA version in use, where the loader finds it.";
    private const string InstallTensorRt = "Install TensorRT 10, where the loader finds it.";
    private const string InstallOpenVino = "Install the OpenVINO runtime that this build of ONNX Runtime was made for, and run its setupvars script.";

    /// <summary>Who makes what the providers need, by a part of the file's name.</summary>
    private static readonly (string Part, string Fix)[] Makers =
    [
        ("cudnn", InstallCudnn),
        ("nvinfer", InstallTensorRt),
        ("nvonnxparser", InstallTensorRt),
        ("openvino", InstallOpenVino),
        ("cuda", InstallCuda),
        ("cublas", InstallCuda),
        ("cufft", InstallCuda),
        ("curand", InstallCuda),
        ("nvrtc", InstallCuda),
        ("nvJitLink", InstallCuda),
    ];

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
