using Coffer.Text;

namespace Coffer.Tests.Text;

/// <summary>A model that has no opinion: takes any token that a constraint leaves it.</summary>
internal sealed class ConstrainedSampler(LogitsProcessorContext context, Random random)
{
    private static readonly int[] Prompt = [0, 0];

    /// <summary>The text that came out when the end was chosen, which is likely where it is allowed.</summary>
    public string Generate(OutputConstraint constraint, int maxTokens = 2000)
    {
        var processor = constraint.Begin(context);
        List<int> ids = [.. Prompt];
        for (var i = 0; i < maxTokens; i++)
        {
            var allowed = Allowed(processor, [.. ids]);
            var end = context.EndOfSequence[0];
            var next = random.Next(4) == 0 && allowed.Find(IsClosing) is var closing and not 0 ? closing : allowed[random.Next(allowed.Count)];
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

    // What ends something is likely, so that texts end.
    private bool IsClosing(int id) => id == context.EndOfSequence[0] || (id > 0 && context.Tokenizer.IdToToken(id) is "\"" or "]" or "}");

    public static List<int> Allowed(LogitsProcessor processor, int[] ids, int vocabulary)
    {
        var logits = new float[vocabulary];
        processor.Process(ids, Prompt.Length, logits);
        Assert.DoesNotContain(logits, score => score is not (0 or float.NegativeInfinity));
        return [.. Enumerable.Range(0, vocabulary).Where(id => logits[id] == 0)];
    }

    private List<int> Allowed(LogitsProcessor processor, int[] ids) => Allowed(processor, ids, context.VocabularySize);
}
