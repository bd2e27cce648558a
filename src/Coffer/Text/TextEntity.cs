namespace Coffer.Text;

/// <summary>A part of a text that is of a kind: a name, a place, a date.</summary>
/// <param name="Label">The kind; without <c>B-</c> or <c>I-</c>, unless the aggregation is <see cref="TokenAggregation.None"/>.</param>
/// <param name="Score">0 to 1; of several tokens or words, the mean.</param>
/// <param name="Span">Where it is in the text as it was given, in UTF-16 units.</param>
/// <param name="Word">What the tokenizer makes of it again, as transformers shows it; the text itself is <c>text[Span.Start..Span.End]</c>.</param>
/// <param name="Token">The place of the token, special ones counted; null for an aggregated entity.</param>
public sealed record TextEntity(string Label, float Score, TextSpan Span, string Word, int? Token)
{
    /// <summary>What kind and where, not what it says.</summary>
    public override string ToString() => $"{Label} {Score:0.###} at {Span.Start}..{Span.End}";
}
