namespace Coffer.Onnx;

/// <summary>
/// Settings of the TensorRT provider. It can keep engines, timings and context models in files; Coffer turns all of that off and
/// refuses to have it turned on, so that engines are built anew for each session. Immutable; edit with <c>with</c>.
/// </summary>
public sealed record TensorRtOptions
{
    /// <summary>The device, from 0, as <c>nvidia-smi</c> counts. Default 0.</summary>
    public int DeviceId { get; init; }

    /// <summary>Whether TensorRT may compute in half precision. Default false.</summary>
    public bool Float16 { get; init; }

    /// <summary>The most device memory that one layer may use while it works, in bytes. Default null: TensorRT's own, all there is. At least 1.</summary>
    public long? MaxWorkspace { get; init; }

    /// <summary>The fewest nodes of a piece of the graph that go to TensorRT. Default null: ONNX Runtime's own, 1. At least 1.</summary>
    public int? MinSubgraphSize { get; init; }

    /// <summary>How long TensorRT searches for fast kernels, from 0 (opens soonest) to 5 (runs fastest). Default null: TensorRT's own, 3.</summary>
    public int? BuilderOptimizationLevel { get; init; }

    /// <summary>Further settings under ONNX Runtime's own names. Default: none. A name that this record covers is refused, and so
    /// is every name by which the provider would read or write a file: a cache of compiled engines holds the weights in plain.</summary>
    public IReadOnlyDictionary<string, string> Additional { get; init; } = ProviderSettings.None;

    internal IReadOnlyList<KeyValuePair<string, string>> ToSettings()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(DeviceId);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxWorkspace ?? 1, 1, nameof(MaxWorkspace));
        ArgumentOutOfRangeException.ThrowIfLessThan(MinSubgraphSize ?? 1, 1, nameof(MinSubgraphSize));
        ArgumentOutOfRangeException.ThrowIfNegative(BuilderOptimizationLevel ?? 0, nameof(BuilderOptimizationLevel));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BuilderOptimizationLevel ?? 0, 5, nameof(BuilderOptimizationLevel));
        return new ProviderSettings("TensorRT")
            .Add("device_id", DeviceId)
            .Add("trt_fp16_enable", Float16)
            .Add("trt_max_workspace_size", MaxWorkspace)
            .Add("trt_min_subgraph_size", MinSubgraphSize)
            .Add("trt_builder_optimization_level", BuilderOptimizationLevel)
            .Add("trt_engine_cache_enable", false)
            .Add("trt_timing_cache_enable", false)
            .Finish(Additional);
    }
}
