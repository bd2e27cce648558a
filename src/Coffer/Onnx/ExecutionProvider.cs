using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.ML.OnnxRuntime;

namespace Coffer.Onnx;

/// <summary>What a model runs on, with the settings of that choice. Immutable; equal when name and settings are.</summary>
public sealed record ExecutionProvider
{
    private readonly IReadOnlyList<KeyValuePair<string, string>> _settings;

    private ExecutionProvider(string name, bool isGpu, IReadOnlyList<KeyValuePair<string, string>> settings)
    {
        Name = name;
        IsGpu = isGpu;
        _settings = settings;
    }

    /// <summary>The processor. Always there.</summary>
    public static ExecutionProvider Cpu { get; } = new("CPU", isGpu: false, []);

    /// <summary>Apple's CoreML: neural engine, GPU or processor, as the system decides.</summary>
    public static ExecutionProvider CoreMl { get; } = CoreMlWith(new());

    /// <summary>WebGPU: any GPU with Direct3D 12, Vulkan or Metal, in builds of ONNX Runtime that have it.</summary>
    public static ExecutionProvider WebGpu { get; } = WebGpuWith(new());

    /// <summary>What <see cref="TryParse"/> reads, without devices.</summary>
    public static IReadOnlyList<string> Words { get; } = ["cpu", "cuda", "tensorrt", "directml", "coreml", "openvino", "webgpu"];

    /// <summary>ONNX Runtime's name without the suffix: <c>CPU</c>, <c>CUDA</c>, <c>TensorRT</c>, <c>DirectML</c>, <c>CoreML</c>, <c>OpenVINO</c>, <c>WebGPU</c>; a plug-in's is its own.</summary>
    public string Name { get; }

    /// <summary>Whether <see cref="ExecutionOptions.RequireGpu"/> is content with it: an accelerator, not the processor.</summary>
    public bool IsGpu { get; }

    /// <summary>Null unless it is a plug-in.</summary>
    internal PlugInOptions? PlugInOptions { get; private init; }

    /// <summary>NVIDIA GPUs, through CUDA and cuDNN: the first device.</summary>
    public static ExecutionProvider Cuda() => Cuda(new CudaOptions());

    /// <summary>NVIDIA GPUs, through CUDA and cuDNN.</summary>
    /// <param name="deviceId">The device, from 0, as <c>nvidia-smi</c> counts.</param>
    public static ExecutionProvider Cuda(int deviceId) => Cuda(new CudaOptions { DeviceId = deviceId });

    /// <summary>NVIDIA GPUs, through CUDA and cuDNN.</summary>
    /// <param name="options">The settings.</param>
    /// <exception cref="ArgumentException">A setting is out of range or refused.</exception>
    public static ExecutionProvider Cuda(CudaOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new("CUDA", isGpu: true, options.ToSettings());
    }

    /// <summary>NVIDIA GPUs, through TensorRT. Engines are built anew for each session: a cache on disk would hold weights in plain.</summary>
    /// <param name="deviceId">The device, from 0, as <c>nvidia-smi</c> counts.</param>
    /// <param name="float16">Whether TensorRT may compute in half precision.</param>
    public static ExecutionProvider TensorRt(int deviceId = 0, bool float16 = false) =>
        TensorRt(new TensorRtOptions { DeviceId = deviceId, Float16 = float16 });

    /// <summary>NVIDIA GPUs, through TensorRT. Engines are built anew for each session: a cache on disk would hold weights in plain.</summary>
    /// <param name="options">The settings.</param>
    /// <exception cref="ArgumentException">A setting is out of range or refused.</exception>
    public static ExecutionProvider TensorRt(TensorRtOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new("TensorRT", isGpu: true, options.ToSettings());
    }

    /// <summary>Any GPU under Windows, through DirectML: the first adapter.</summary>
    public static ExecutionProvider DirectMl() => DirectMl(new DirectMlOptions());

    /// <summary>Any GPU under Windows, through DirectML.</summary>
    /// <param name="deviceId">The adapter, from 0.</param>
    public static ExecutionProvider DirectMl(int deviceId) => DirectMl(new DirectMlOptions { DeviceId = deviceId });

    /// <summary>Any GPU under Windows, through DirectML.</summary>
    /// <param name="options">The settings.</param>
    /// <exception cref="ArgumentException">A setting is out of range or refused.</exception>
    public static ExecutionProvider DirectMl(DirectMlOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new("DirectML", isGpu: true, options.ToSettings());
    }

    /// <summary>Apple's CoreML, with settings.</summary>
    /// <param name="options">The settings.</param>
    /// <exception cref="ArgumentException">A setting is out of range or refused.</exception>
    public static ExecutionProvider CoreMlWith(CoreMlOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new("CoreML", isGpu: options.ComputeUnits != CoreMlComputeUnits.CpuOnly, options.ToSettings());
    }

    /// <summary>Intel processors, GPUs and NPUs, through OpenVINO, which chooses among them.</summary>
    public static ExecutionProvider OpenVino() => OpenVino(new OpenVinoOptions());

    /// <summary>Intel processors, GPUs and NPUs, through OpenVINO.</summary>
    /// <param name="device">OpenVINO's name of the device: <c>CPU</c>, <c>GPU</c>, <c>NPU</c>, <c>AUTO</c>.</param>
    public static ExecutionProvider OpenVino(string device) => OpenVino(new OpenVinoOptions { Device = device });

    /// <summary>Intel processors, GPUs and NPUs, through OpenVINO.</summary>
    /// <param name="options">The settings.</param>
    /// <exception cref="ArgumentException">A setting is out of range or refused.</exception>
    public static ExecutionProvider OpenVino(OpenVinoOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new("OpenVINO", isGpu: options.Device != "CPU", options.ToSettings());
    }

    /// <summary>WebGPU, with settings.</summary>
    /// <param name="options">The settings.</param>
    /// <exception cref="ArgumentException">A setting is out of range or refused.</exception>
    public static ExecutionProvider WebGpuWith(WebGpuOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new("WebGPU", isGpu: true, options.ToSettings());
    }

    /// <summary>A provider that comes as a library of its own, by ONNX Runtime's plug-in interface. A library that can't be loaded or
    /// brings no fitting device makes it unavailable, like any other provider.</summary>
    /// <param name="name">What the library calls its provider, with or without <c>ExecutionProvider</c> behind it.</param>
    /// <param name="libraryPath">The library. It is native code with all the rights of this process, and stays loaded.</param>
    public static ExecutionProvider PlugIn(string name, string libraryPath) => PlugIn(new PlugInOptions(name, libraryPath));

    /// <summary>A provider that comes as a library of its own, by ONNX Runtime's plug-in interface. A library that can't be loaded or
    /// brings no fitting device makes it unavailable, like any other provider.</summary>
    /// <param name="options">The library, the device and the settings.</param>
    /// <exception cref="ArgumentException">A setting is out of range or refused.</exception>
    public static ExecutionProvider PlugIn(PlugInOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var settings = options.ToSettings();
        return new(options.ProviderName, isGpu: options.Device != PlugInDevice.Cpu, settings) { PlugInOptions = options };
    }

    /// <summary>A provider by the word that command lines and configuration use: <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c>, <c>openvino:GPU</c>. Case doesn't matter.</summary>
    /// <param name="text">One of <see cref="Words"/>, and where it has several devices, behind a colon which.</param>
    /// <param name="provider">The provider.</param>
    /// <returns>False if there is no such provider, or it takes no such device.</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ExecutionProvider? provider)
    {
        var colon = text?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        var (name, device) = colon < 0 ? (text, null) : (text![..colon], text[(colon + 1)..]);
        var index = 0;
        var isIndexed = device is null || int.TryParse(device, NumberStyles.None, CultureInfo.InvariantCulture, out index);
        provider = (name?.ToLowerInvariant(), device) switch
        {
            ("cpu", null) => Cpu,
            ("cuda", _) when isIndexed => Cuda(index),
            ("tensorrt", _) when isIndexed => TensorRt(index),
            ("directml", _) when isIndexed => DirectMl(index),
            ("coreml", null) => CoreMl,
            ("openvino", null) => OpenVino(),
            ("openvino", { Length: > 0 }) => OpenVino(device),
            ("webgpu", null) => WebGpu,
            _ => null,
        };
        return provider is not null;
    }

    /// <inheritdoc/>
    public bool Equals(ExecutionProvider? other) => other is not null && Name == other.Name && _settings.SequenceEqual(other._settings)
        && PlugInOptions?.LibraryPath == other.PlugInOptions?.LibraryPath
        && PlugInOptions?.Device == other.PlugInOptions?.Device
        && PlugInOptions?.DeviceIndex == other.PlugInOptions?.DeviceIndex;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, _settings.Count);

    /// <summary>For people: <c>CUDA (device_id=0)</c>.</summary>
    public override string ToString() =>
        _settings.Count == 0 ? Name : $"{Name} ({string.Join(", ", _settings.Select(setting => $"{setting.Key}={setting.Value}"))})";

    /// <summary>As <c>GetAvailableProviders</c> names it.</summary>
    internal string OrtName => Name switch
    {
        "DirectML" => "DmlExecutionProvider",
        "TensorRT" => "TensorrtExecutionProvider",
        "WebGPU" => "WebGpuExecutionProvider",
        _ => Name + "ExecutionProvider",
    };

    internal void AppendTo(SessionOptions options)
    {
        var settings = new Dictionary<string, string>(_settings);
        if (PlugInOptions is { } plugIn)
        {
            // The probe found it before.
            if (PlugInLibrary.Find(plugIn, out _) is { } device)
            {
                options.AppendExecutionProvider(OrtEnvironment.Get(), [device], settings);
            }

            return;
        }

        switch (Name)
        {
            case "CPU":
                // Always appended, last, by ONNX Runtime itself.
                break;
            case "CUDA":
                using (var cuda = new OrtCUDAProviderOptions())
                {
                    cuda.UpdateOptions(settings);
                    options.AppendExecutionProvider_CUDA(cuda);
                }

                break;
            case "TensorRT":
                using (var tensorRt = new OrtTensorRTProviderOptions())
                {
                    tensorRt.UpdateOptions(settings);
                    options.AppendExecutionProvider_Tensorrt(tensorRt);
                }

                break;
            case "DirectML":
                // DirectML requires both: sequential execution is the default, memory patterns are not.
                options.EnableMemoryPattern = false;
                options.AppendExecutionProvider("DML", settings);
                break;
            default:
                options.AppendExecutionProvider(Name, settings);
                break;
        }
    }
}
