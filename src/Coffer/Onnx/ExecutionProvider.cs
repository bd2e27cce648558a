using System.Globalization;
using Microsoft.ML.OnnxRuntime;

namespace Coffer.Onnx;

/// <summary>What a model runs on, with the settings of that choice. Immutable; equal when name and settings are.</summary>
public sealed record ExecutionProvider
{
    private readonly IReadOnlyList<KeyValuePair<string, string>> _settings;

    private ExecutionProvider(string name, bool isGpu, params IReadOnlyList<KeyValuePair<string, string>> settings)
    {
        Name = name;
        IsGpu = isGpu;
        _settings = settings;
    }

    /// <summary>The processor. Always there.</summary>
    public static ExecutionProvider Cpu { get; } = new("CPU", isGpu: false);

    /// <summary>Apple's CoreML: neural engine, GPU or processor, as the system decides.</summary>
    public static ExecutionProvider CoreMl { get; } = new("CoreML", isGpu: true);

    /// <summary>WebGPU: any GPU with Direct3D 12, Vulkan or Metal, in builds of ONNX Runtime that have it.</summary>
    public static ExecutionProvider WebGpu { get; } = new("WebGPU", isGpu: true);

    /// <summary>ONNX Runtime's name without the suffix: <c>CPU</c>, <c>CUDA</c>, <c>TensorRT</c>, <c>DirectML</c>, <c>CoreML</c>, <c>OpenVINO</c>, <c>WebGPU</c>.</summary>
    public string Name { get; }

    /// <summary>Whether <see cref="ExecutionOptions.RequireGpu"/> is content with it: an accelerator, not the processor.</summary>
    public bool IsGpu { get; }

    /// <summary>NVIDIA GPUs, through CUDA and cuDNN.</summary>
    /// <param name="deviceId">The device, from 0, as <c>nvidia-smi</c> counts.</param>
    public static ExecutionProvider Cuda(int deviceId = 0) => new("CUDA", isGpu: true, Device(deviceId));

    /// <summary>NVIDIA GPUs, through TensorRT. Engines are built anew for each session: a cache on disk would hold weights in plain.</summary>
    /// <param name="deviceId">The device, from 0, as <c>nvidia-smi</c> counts.</param>
    /// <param name="float16">Whether TensorRT may compute in half precision.</param>
    public static ExecutionProvider TensorRt(int deviceId = 0, bool float16 = false) =>
        new("TensorRT", isGpu: true, Device(deviceId), new("trt_fp16_enable", float16 ? "1" : "0"), new("trt_engine_cache_enable", "0"), new("trt_timing_cache_enable", "0"));

    /// <summary>Any GPU under Windows, through DirectML.</summary>
    /// <param name="deviceId">The adapter, from 0.</param>
    public static ExecutionProvider DirectMl(int deviceId = 0) => new("DirectML", isGpu: true, Device(deviceId));

    /// <summary>Intel processors, GPUs and NPUs, through OpenVINO.</summary>
    /// <param name="device">OpenVINO's name of the device: <c>CPU</c>, <c>GPU</c>, <c>NPU</c>, <c>AUTO</c>.</param>
    public static ExecutionProvider OpenVino(string device = "AUTO")
    {
        ArgumentException.ThrowIfNullOrEmpty(device);
        return new("OpenVINO", isGpu: device != "CPU", new KeyValuePair<string, string>("device_type", device));
    }

    /// <inheritdoc/>
    public bool Equals(ExecutionProvider? other) => other is not null && Name == other.Name && _settings.SequenceEqual(other._settings);

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

    private static KeyValuePair<string, string> Device(int deviceId)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(deviceId);
        return new("device_id", deviceId.ToString(CultureInfo.InvariantCulture));
    }
}
