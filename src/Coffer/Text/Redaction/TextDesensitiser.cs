using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using Coffer.Inference;

namespace Coffer.Text;

/// <summary>Removes what a <see cref="TextRedactor"/> finds from inputs that hold texts, and puts it back in results that hold text. Thread-safe.</summary>
/// <typeparam name="TInput">The input.</typeparam>
/// <typeparam name="TResult">The result.</typeparam>
public sealed class TextDesensitiser<TInput, TResult> : IDesensitiser<TInput, TResult>
{
    private readonly TextRedactor _redactor;
    private readonly Func<TInput, IReadOnlyList<string>> _read;
    private readonly Func<TInput, IReadOnlyList<string>, TInput> _write;

    /// <summary>Creates a desensitiser.</summary>
    /// <param name="redactor">Removes.</param>
    /// <param name="read">All texts of an input; what it leaves out leaves as it is.</param>
    /// <param name="write">The input with other texts in their places, as many.</param>
    public TextDesensitiser(TextRedactor redactor, Func<TInput, IReadOnlyList<string>> read, Func<TInput, IReadOnlyList<string>, TInput> write)
    {
        ArgumentNullException.ThrowIfNull(redactor);
        ArgumentNullException.ThrowIfNull(read);
        ArgumentNullException.ThrowIfNull(write);
        _redactor = redactor;
        _read = read;
        _write = write;
        Kinds = redactor.Kinds.Concat(RedactionKinds.OfPictures).ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>The result with each of its texts passed through a function, once and in their order; null for results that hold none.</summary>
    public Func<TResult, Func<string, string>, TResult>? MapText { get; init; }

    /// <summary>Whether an item of a stream says that it is the last; null where none does.</summary>
    public Func<TResult, bool>? EndsStream { get; init; }

    /// <inheritdoc/>
    public IReadOnlySet<string> Kinds { get; }

    /// <inheritdoc/>
    public async ValueTask<Desensitised<TInput, TResult>> RemoveAsync(TInput input, IReadOnlyCollection<string> atLeast, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(atLeast);
        var (texts, values) = await _redactor.RedactTogetherAsync(_read(input), [.. atLeast.Where(_redactor.Kinds.Contains)], cancellationToken).ConfigureAwait(false);
        var removed = _redactor.Active.Concat(atLeast).Concat(RedactionKinds.OfPictures).ToFrozenSet(StringComparer.Ordinal);
        var safe = new Desensitised<TInput, TResult>(_write(input, texts), removed, values.Counts);
        return MapText is null || !values.IsReversible ? safe : safe with
        {
            Restore = result => MapText(result, new RedactedText("", values).Restore),
            RestoreStream = items => RestoreAsync(items, new PlaceholderRestorer(values)),
        };
    }

    private async IAsyncEnumerable<TResult> RestoreAsync(IAsyncEnumerable<TResult> items, PlaceholderRestorer restorer, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var last = default(TResult);
        await foreach (var item in items.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            last = item;
            yield return MapText!(item, EndsStream?.Invoke(item) == true ? piece => restorer.Next(piece) + restorer.End() : restorer.Next);
        }

        if (last is not null && restorer.End() is { Length: > 0 } rest)
        {
            yield return MapText!(last, _ => rest);
        }
    }
}
