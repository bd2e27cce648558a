namespace Coffer.Onnx;

/// <summary>Where and how a model runs in this process. Immutable; edit with <c>with</c>.</summary>
public sealed record ExecutionOptions
{
    /// <summary>The defaults: on the processor, with all cores.</summary>
    public static ExecutionOptions Default { get; } = new();

    /// <summary>
    /// What to run on, best first. Default: the processor alone. One that isn't available is passed over for the next, and
    /// every result says so (<see cref="Inference.Fallback"/>); nodes that one can't run go to the ones behind it. The processor
    /// stands behind the last unless <see cref="RequireGpu"/> is set.
    /// </summary>
    public IReadOnlyList<ExecutionProvider> Providers { get; init; } = [ExecutionProvider.Cpu];

    /// <summary>
    /// Fail rather than run any node on the processor. Default false. Then <see cref="Providers"/> must name a GPU provider; a
    /// session that would need the processor fails with <see cref="Inference.InferenceError.ProviderUnavailable"/>.
    /// </summary>
    public bool RequireGpu { get; init; }

    /// <summary>Threads that share the work of one node. Default null: one for each physical core. At least 1.</summary>
    public int? IntraOpThreads { get; init; }

    /// <summary>
    /// Threads that run independent nodes side by side. Default null: one node after the other, which is right for nearly all
    /// models. At least 1.
    /// </summary>
    public int? InterOpThreads { get; init; }

    /// <summary>How far the graph is rewritten. Default <see cref="GraphOptimization.Auto"/>.</summary>
    public GraphOptimization GraphOptimization { get; init; }

    /// <summary>What is done with the weights at load. Default <see cref="WeightLoading.Auto"/>.</summary>
    public WeightLoading WeightLoading { get; init; }

    /// <summary>
    /// The most asynchronous calls of one model that run at once; more wait. Default: the number of processors. At least 1.
    /// Synchronous calls run on their callers' threads and are not counted.
    /// </summary>
    public int MaxConcurrency { get; init; } = Environment.ProcessorCount;

    /// <summary>Runs of the main graph while the model is opened. Default null: none.</summary>
    public WarmUp? WarmUp { get; init; }

    /// <inheritdoc/>
    public bool Equals(ExecutionOptions? other) => other is not null
        && Providers.SequenceEqual(other.Providers)
        && (RequireGpu, IntraOpThreads, InterOpThreads, GraphOptimization, WeightLoading, MaxConcurrency, WarmUp)
            == (other.RequireGpu, other.IntraOpThreads, other.InterOpThreads, other.GraphOptimization, other.WeightLoading, other.MaxConcurrency, other.WarmUp);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Providers.Count, RequireGpu, IntraOpThreads, GraphOptimization, WeightLoading);

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Providers);
        WarmUp?.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConcurrency, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(IntraOpThreads ?? 1, 1, nameof(IntraOpThreads));
        ArgumentOutOfRangeException.ThrowIfLessThan(InterOpThreads ?? 1, 1, nameof(InterOpThreads));
        if (RequireGpu && !Providers.Any(provider => provider.IsGpu))
        {
            throw new ArgumentException($"{nameof(RequireGpu)} is set, but {nameof(Providers)} names no GPU provider. Add one, for example ExecutionProvider.Cuda().", nameof(Providers));
        }
    }
}
