using Coffer.Text;

namespace Coffer.Tests.Text;

/// <summary>A model that has no opinion: takes any token that a constraint leaves it.</summary>
internal sealed class ConstrainedSampler(LogitsProcessorContext context, Random random)
{
    private static readonly int[] Prompt = [0, 0];

    private static readonly string[] Ends = [ConstraintVocabularies.End, "\"", "]", "}"];

    /// <summary>The text that came out when the end was chosen, which is likely where it is allowed.</summary>
    public string Generate(OutputConstraint constraint, int maxTokens = 2000)
    {
        var processor = constraint.Begin(context);
        List<int> ids = [.. Prompt];
        for (var i = 0; i < maxTokens; i++)
        {
            var allowed = Allowed(processor, [.. ids]);
            var end = context.EndOfSequence[0];
            var next = random.Next(3) == 0 && Closing(allowed) is { } closing ? closing : allowed[random.Next(allowed.Count)];
            if (next == end)
            {
                // And after the end nothing but the end.
                Assert.Equal([end], Allowed(processor, [.. ids, end]));
                return context.Tokenizer.Decode(ids.ToArray().AsSpan(Prompt.Length), new() { CleanUpTokenizationSpaces = false });
            }

            ids.Add(next);
        }

        throw new InvalidOperationException($"No end after {maxTokens} tokens.");
    }

    // What ends something is likely, so that texts end: the end, a string, an array or object.
    private int? Closing(List<int> allowed) => Ends.Select(token => context.Tokenizer.TokenToId(token)).FirstOrDefault(id => id is { } known && allowed.Contains(known));

    public static List<int> Allowed(LogitsProcessor processor, int[] ids, int vocabulary)
    {
        var logits = new float[vocabulary];
        processor.Process(ids, Prompt.Length, logits);
        Assert.DoesNotContain(logits, score => score is not (0 or float.NegativeInfinity));
        return [.. Enumerable.Range(0, vocabulary).Where(id => logits[id] == 0)];
    }

    private List<int> Allowed(LogitsProcessor processor, int[] ids) => Allowed(processor, ids, context.VocabularySize);
}
