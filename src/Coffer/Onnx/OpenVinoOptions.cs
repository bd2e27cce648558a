namespace Coffer.Onnx;

/// <summary>Settings of the OpenVINO provider. It can keep compiled models in a folder, which Coffer refuses. Immutable; edit with <c>with</c>.</summary>
public sealed record OpenVinoOptions
{
    /// <summary>OpenVINO's name of the device: <c>CPU</c>, <c>GPU</c>, <c>GPU.1</c>, <c>NPU</c>, <c>AUTO</c>. Default <c>AUTO</c>.</summary>
    public string Device { get; init; } = "AUTO";

    /// <summary>The precision to compute in: <c>FP32</c>, <c>FP16</c>, or <c>ACCURACY</c> for the model's own. Default null: the device's own.</summary>
    public string? Precision { get; init; }

    /// <summary>Threads on the processor. Default null: OpenVINO's own, 8. At least 1.</summary>
    public int? Threads { get; init; }

    /// <summary>Runs that the device works on side by side. Default null: OpenVINO's own, 1. At least 1.</summary>
    public int? Streams { get; init; }

    /// <summary>Further settings under ONNX Runtime's own names. Default: none. A name that this record covers is refused, and so
    /// is every name by which the provider would read or write a file: a cache of compiled engines holds the weights in plain.</summary>
    public IReadOnlyDictionary<string, string> Additional { get; init; } = ProviderSettings.None;

    internal IReadOnlyList<KeyValuePair<string, string>> ToSettings()
    {
        ArgumentException.ThrowIfNullOrEmpty(Device);
        ArgumentOutOfRangeException.ThrowIfLessThan(Threads ?? 1, 1, nameof(Threads));
        ArgumentOutOfRangeException.ThrowIfLessThan(Streams ?? 1, 1, nameof(Streams));
        return new ProviderSettings("OpenVINO")
            .Add("device_type", Device)
            .Add("precision", Precision)
            .Add("num_of_threads", Threads)
            .Add("num_streams", Streams)
            .Finish(Additional);
    }
}
