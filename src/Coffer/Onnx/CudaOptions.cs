namespace Coffer.Onnx;

/// <summary>Settings of the CUDA provider. It keeps no cache on the disk. Immutable; edit with <c>with</c>.</summary>
public sealed record CudaOptions
{
    /// <summary>The device, from 0, as <c>nvidia-smi</c> counts. Default 0.</summary>
    public int DeviceId { get; init; }

    /// <summary>The most that ONNX Runtime's arena takes of the device's memory, in bytes. Default null: no limit. At least 1.</summary>
    public long? MemoryLimit { get; init; }

    /// <summary>Whether float32 products may be computed with TF32's 10 bits of mantissa, on devices that have it. Default true.</summary>
    public bool Tf32 { get; init; } = true;

    /// <summary>Whether convolutions prefer channels last, which suits tensor cores. Default false.</summary>
    public bool PreferNhwc { get; init; }

    /// <summary>Further settings under ONNX Runtime's own names. Default: none. A name that this record covers is refused, and so
    /// is every name by which the provider would read or write a file: a cache of compiled engines holds the weights in plain.</summary>
    public IReadOnlyDictionary<string, string> Additional { get; init; } = ProviderSettings.None;

    internal IReadOnlyList<KeyValuePair<string, string>> ToSettings()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(DeviceId);
        ArgumentOutOfRangeException.ThrowIfLessThan(MemoryLimit ?? 1, 1, nameof(MemoryLimit));
        return new ProviderSettings("CUDA")
            .Add("device_id", DeviceId)
            .Add("gpu_mem_limit", MemoryLimit)
            .AddUnless(true, "use_tf32", Tf32)
            .AddUnless(false, "prefer_nhwc", PreferNhwc)
            .Finish(Additional);
    }
}
