namespace Coffer.Text;

/// <summary>Finds what no pattern can, such as names: a model of token-classification, or the application's own list. Thread-safe.</summary>
public interface ITextSpanFinder
{
    /// <summary>The kinds that it finds, for example <see cref="RedactionKinds.Names"/>.</summary>
    IReadOnlyList<string> Kinds { get; }

    /// <summary>Finds them in a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>In any order; may overlap.</returns>
    ValueTask<IReadOnlyList<RedactionSpan>> FindAsync(string text, CancellationToken cancellationToken = default);
}
