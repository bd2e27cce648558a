using System.Collections.Frozen;
using Coffer.Inference;

namespace Coffer.Text;

/// <summary>
/// Finds names, or other entities, by a model of token-classification: <see cref="TokenClassifier"/>. It stays on this device: what it reads has not
/// been redacted yet. Thread-safe.
/// </summary>
public sealed class EntityFinder : ITextSpanFinder
{
    private static readonly FrozenDictionary<string, string> Persons =
        new[] { "PER", "PERSON", "PERS" }.ToFrozenDictionary(label => label, _ => RedactionKinds.Names, StringComparer.OrdinalIgnoreCase);

    private readonly IPredictor<TextInput, TokenClassifierOptions, TokenClassification> _predictor;
    private readonly FrozenDictionary<string, string> _kinds;

    /// <summary>Creates a finder.</summary>
    /// <param name="predictor">Finds the entities; stays the caller's to dispose.</param>
    /// <param name="kinds">
    /// By the model's label, without <c>B-</c> or <c>I-</c>, the kind that is removed; labels that are not named are left in the text. Null for persons,
    /// whose label is PER, PERS or PERSON, as <see cref="RedactionKinds.Names"/>.
    /// </param>
    /// <exception cref="ArgumentException">There are no kinds.</exception>
    public EntityFinder(IPredictor<TextInput, TokenClassifierOptions, TokenClassification> predictor, IReadOnlyDictionary<string, string>? kinds = null)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        _predictor = predictor;
        _kinds = kinds?.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase) ?? Persons;
        Kinds = [.. _kinds.Values.Distinct(StringComparer.Ordinal)];
        if (Kinds.Count == 0)
        {
            throw new ArgumentException("No label is given a kind, so nothing would be found.", nameof(kinds));
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Kinds { get; }

    /// <summary>How the model reads texts. Default: a word is what its first token says, and texts longer than the model takes are read in windows that share 16 tokens.</summary>
    public TokenClassifierOptions Options { get; init; } = new() { Aggregation = TokenAggregation.First, Stride = 16 };

    /// <inheritdoc/>
    /// <exception cref="CofferException">As the predictor throws: a text that could not be searched does not leave.</exception>
    public async ValueTask<IReadOnlyList<RedactionSpan>> FindAsync(string text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (string.IsNullOrWhiteSpace(text))
        {
            return [];
        }

        var entities = (await _predictor.PredictAsync(text, Options, cancellationToken).ConfigureAwait(false)).Value.Entities;
        return
        [
            .. entities
                .Where(entity => _kinds.ContainsKey(entity.Label))
                .Select(entity => new RedactionSpan(entity.Span.Start, entity.Span.Length, _kinds[entity.Label])),
        ];
    }
}
