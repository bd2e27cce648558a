namespace Coffer.Inference;

/// <summary>Says in a result why it was not made on the side that was asked first.</summary>
internal static class HybridFallback
{
    /// <param name="legs">Where the call was tried.</param>
    /// <param name="inner">What the side that answered said itself, for example that it ran on the processor.</param>
    public static Fallback? Of(IReadOnlyList<PredictionLeg> legs, Fallback? inner) => legs switch
    {
        [var first, _, ..] => new Fallback(first.Name, inner is null ? Reason(first) : $"{Reason(first)} Then {inner.From}: {inner.Reason}"),
        _ => inner,
    };

    private static string Reason(PredictionLeg leg) => leg.Error is { } error ? $"{leg.Outcome}: {error}" : leg.Outcome.ToString();
}
