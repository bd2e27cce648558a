using System.Globalization;
using System.Numerics.Tensors;

namespace Coffer.Text;

/// <summary>
/// Makes entities of tokens: <c>aggregate</c>, <c>group_entities</c> and <c>aggregate_overlapping_entities</c> of transformers'
/// token-classification pipeline.
/// </summary>
internal sealed class EntityGrouping(Tokenizer tokenizer, IReadOnlyList<string>? labels)
{
    private const char Separator = '-';

    /// <summary>The entities of a text, or of a window of it, in its order.</summary>
    public List<TextEntity> Group(List<TokenScores> tokens, TokenAggregation aggregation)
    {
        List<TextEntity> entities = aggregation is TokenAggregation.None or TokenAggregation.Simple
            ? tokens.ConvertAll(token => new TextEntity(Label(token.Best), token.Greatest, token.Span, token.Word, token.Token))
            : Words(tokens, aggregation);
        return aggregation == TokenAggregation.None ? entities : Group(entities);
    }

    /// <summary>Of entities that overlap, the longer one stays; of equally long ones, the surer.</summary>
    public static List<TextEntity> Merge(IEnumerable<TextEntity> entities)
    {
        var merged = new List<TextEntity>();
        foreach (var entity in entities.OrderBy(entity => entity.Span.Start))
        {
            if (merged.Count == 0 || entity.Span.Start >= merged[^1].Span.End)
            {
                merged.Add(entity);
            }
            else if ((entity.Span.Length, entity.Score).CompareTo((merged[^1].Span.Length, merged[^1].Score)) > 0)
            {
                merged[^1] = entity;
            }
        }

        return merged;
    }

    private List<TextEntity> Words(List<TokenScores> tokens, TokenAggregation aggregation)
    {
        var words = new List<TextEntity>();
        for (var first = 0; first < tokens.Count;)
        {
            var last = first + 1;
            while (last < tokens.Count && tokens[last].ContinuesWord)
            {
                last++;
            }

            words.Add(Word(tokens.GetRange(first, last - first), aggregation));
            first = last;
        }

        return words;
    }

    private TextEntity Word(List<TokenScores> tokens, TokenAggregation aggregation)
    {
        var deciding = aggregation switch
        {
            TokenAggregation.First => tokens[0],
            // Of equally sure tokens, the first.
            TokenAggregation.Max => tokens.MaxBy(token => token.Greatest),
            _ => tokens[0] with { Scores = Mean(tokens) },
        };
        return new TextEntity(
            Label(deciding.Best), deciding.Greatest, new TextSpan(tokens[0].Span.Start, tokens[^1].Span.End), tokenizer.Join(tokens.ConvertAll(token => token.Word)), null);
    }

    private static float[] Mean(List<TokenScores> tokens)
    {
        var mean = new float[tokens[0].Scores.Length];
        tokens.ForEach(token => TensorPrimitives.Add(mean, token.Scores.Span, mean));
        TensorPrimitives.Divide(mean, tokens.Count, mean);
        return mean;
    }

    private List<TextEntity> Group(List<TextEntity> entities)
    {
        var groups = new List<TextEntity>();
        for (var first = 0; first < entities.Count;)
        {
            var last = first + 1;
            while (last < entities.Count && Continues(entities[last].Label, entities[last - 1].Label))
            {
                last++;
            }

            groups.Add(Joined(entities.GetRange(first, last - first)));
            first = last;
        }

        return groups;
    }

    private static bool Continues(string label, string before) =>
        !label.StartsWith("B-", StringComparison.Ordinal) && string.Equals(Kind(label), Kind(before), StringComparison.Ordinal);

    private static string Kind(string label) => label.StartsWith("B-", StringComparison.Ordinal) || label.StartsWith("I-", StringComparison.Ordinal) ? label[2..] : label;

    private TextEntity Joined(List<TextEntity> entities) => new(
        entities[0].Label[(entities[0].Label.LastIndexOf(Separator) + 1)..],
        entities.Average(entity => entity.Score),
        new TextSpan(entities[0].Span.Start, entities[^1].Span.End),
        tokenizer.Join(entities.ConvertAll(entity => entity.Word)),
        null);

    // The names that transformers gives to labels without any.
    private string Label(int index) => labels is null ? string.Create(CultureInfo.InvariantCulture, $"LABEL_{index}") : labels[index];
}
