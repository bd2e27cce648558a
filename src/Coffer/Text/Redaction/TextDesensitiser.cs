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

    /// <summary>The text of a result; null for results without one.</summary>
    public Func<TResult, string>? ReadResult { get; init; }

    /// <summary>The result with another text; null for results without one.</summary>
    public Func<TResult, string, TResult>? WriteResult { get; init; }

    /// <inheritdoc/>
    public IReadOnlySet<string> Kinds { get; }

    /// <inheritdoc/>
    public async ValueTask<Desensitised<TInput, TResult>> RemoveAsync(TInput input, IReadOnlyCollection<string> atLeast, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(atLeast);
        var (texts, values) = await _redactor.RedactTogetherAsync(_read(input), [.. atLeast.Where(_redactor.Kinds.Contains)], cancellationToken).ConfigureAwait(false);
        var removed = _redactor.Active.Concat(atLeast).Concat(RedactionKinds.OfPictures).ToFrozenSet(StringComparer.Ordinal);
        var safe = new Desensitised<TInput, TResult>(_write(input, texts), removed, values.Counts);
        return ReadResult is null || WriteResult is null || !values.IsReversible ? safe : safe with
        {
            Restore = result => WriteResult(result, new RedactedText("", values).Restore(ReadResult(result))),
            RestoreStream = items => RestoreAsync(items, new PlaceholderRestorer(values)),
        };
    }

    private async IAsyncEnumerable<TResult> RestoreAsync(IAsyncEnumerable<TResult> items, PlaceholderRestorer restorer, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var last = default(TResult);
        await foreach (var item in items.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            last = item;
            yield return WriteResult!(item, restorer.Next(ReadResult!(item)));
        }

        if (last is not null && restorer.End() is { Length: > 0 } rest)
        {
            yield return WriteResult!(last, rest);
        }
    }
}
