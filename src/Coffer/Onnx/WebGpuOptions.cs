namespace Coffer.Onnx;

/// <summary>Settings of the WebGPU provider. It keeps no cache on the disk. Immutable; edit with <c>with</c>.</summary>
public sealed record WebGpuOptions
{
    /// <summary>Whether convolutions compute with channels first, as the graph has them, rather than last. Default false.</summary>
    public bool PreferNchw { get; init; }

    /// <summary>Whether the adapter that needs the least power is taken, rather than the fastest. Default false. The first session of
    /// a process decides for all.</summary>
    public bool PreferLowPower { get; init; }

    /// <summary>Whether 64-bit integers are computed on the GPU (as 32-bit ones) rather than left to the processor. Default false.</summary>
    public bool Int64 { get; init; }

    /// <summary>Further settings under ONNX Runtime's own names. Default: none. A name that this record covers is refused, and so
    /// is every name by which the provider would read or write a file: a cache of compiled engines holds the weights in plain.</summary>
    public IReadOnlyDictionary<string, string> Additional { get; init; } = ProviderSettings.None;

    internal IReadOnlyList<KeyValuePair<string, string>> ToSettings()
    {
        return new ProviderSettings("WebGPU")
            .AddUnless("preferredLayout", PreferNchw ? "NCHW" : "NHWC", "NHWC")
            .AddUnless("powerPreference", PreferLowPower ? "low-power" : "high-performance", "high-performance")
            .AddUnless(false, "enableInt64", Int64)
            .Finish(Additional);
    }
}
