namespace Coffer.Text;

/// <summary>How a predictor makes rows of a graph from an input, and its result from them.</summary>
/// <param name="Encode">The input's rows: one, or as many as it has windows, documents or labels.</param>
/// <param name="Read">What a row gives.</param>
/// <param name="Combine">The result of an input, from its rows in their order.</param>
internal sealed record TextTask<TInput, TRow, TResult>(
    Func<TInput, IReadOnlyList<TextEncoding>> Encode,
    TextGraph.Read<TRow> Read,
    Func<TInput, IReadOnlyList<TextEncoding>, IReadOnlyList<TRow>, TResult> Combine)
{
    /// <summary>The number of dimensions of what a row gives; null for a task that doesn't embed.</summary>
    public Func<TRow, int>? Dimensions { get; init; }
}
