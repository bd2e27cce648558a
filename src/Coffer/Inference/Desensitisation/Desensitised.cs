namespace Coffer.Inference;

/// <summary>An input without what was removed from it.</summary>
/// <typeparam name="TInput">The input.</typeparam>
/// <typeparam name="TResult">The result.</typeparam>
/// <param name="Input">What may leave.</param>
/// <param name="Removed">The kinds that are not in it any more, or never were.</param>
/// <param name="Counts">How much of each kind was removed; kinds of which there was nothing are left out.</param>
public sealed record Desensitised<TInput, TResult>(TInput Input, IReadOnlySet<string> Removed, IReadOnlyDictionary<string, int> Counts)
{
    /// <summary>Puts the values back in the result; null where nothing can be put back.</summary>
    public Func<TResult, TResult>? Restore { get; init; }

    /// <summary>Puts the values back in a stream of results, whose items may cut a placeholder in two; null where nothing can be put back.</summary>
    public Func<IAsyncEnumerable<TResult>, IAsyncEnumerable<TResult>>? RestoreStream { get; init; }

    /// <summary>How much was removed, not what.</summary>
    public override string ToString() => $"Desensitised {typeof(TInput).Name}, removed: {(Counts.Count == 0 ? "nothing" : string.Join(", ", Counts.OrderBy(count => count.Key, StringComparer.Ordinal).Select(count => $"{count.Key} {count.Value}")))}";
}
