using Coffer.Inference;

namespace Coffer.Text;

/// <summary>
/// Finds out whether rows of one run have the scores that they have alone. The names of a graph's inputs don't say it: some attention
/// operators count the mask's ones and take the text to begin at the left, and some exports have a batch of one in their shapes.
/// </summary>
internal static class BatchProbe
{
    private const int Long = 6;
    private const int Short = 2;

    /// <param name="model">The model.</param>
    /// <param name="tokens">Some that the model knows.</param>
    /// <param name="start">What an answer begins with; empty for a decoder alone.</param>
    /// <param name="cancellationToken">Stops the run.</param>
    public static BatchSupport Find(GenerationModel model, ReadOnlySpan<int> tokens, int[] start, CancellationToken cancellationToken)
    {
        if (!model.Graphs.TakesRows || model.MaxPositions <= Long + 1)
        {
            return BatchSupport.None;
        }

        var text = new int[Long];
        for (var i = 0; i < text.Length; i++)
        {
            text[i] = tokens[i % tokens.Length];
        }

        int[][] padded = [text[..Short], text];
        int[][] even = [text, [.. Enumerable.Reverse(text)]];
        return model.Graphs.TakesPadding && Holds(model, padded, start, cancellationToken) ? BatchSupport.Padded
            : Holds(model, even, start, cancellationToken) ? BatchSupport.OneLength
            : BatchSupport.None;
    }

    private static bool Holds(GenerationModel model, int[][] texts, int[] start, CancellationToken cancellationToken)
    {
        try
        {
            var together = Scores(model, texts, start, cancellationToken);
            for (var row = 0; row < texts.Length; row++)
            {
                var alone = Scores(model, [texts[row]], start, cancellationToken);
                if (!IsNear(together.First[row], alone.First[0], model.Tolerance) || !IsNear(together.Second[row], alone.Second[0], model.Tolerance))
                {
                    return false;
                }
            }

            return true;
        }
        catch (InferenceException)
        {
            // What fails for a text alone fails again, and is told, when the text itself is run.
            return false;
        }
    }

    // Of the prompt's run, and of one with a cache.
    private static (float[][] First, float[][] Second) Scores(GenerationModel model, int[][] texts, int[] start, CancellationToken cancellationToken)
    {
        var isDecoder = model.Graphs.EncoderGraph is null;
        using var rows = new PromptRows(model, isDecoder ? texts : [.. texts.Select(_ => start)], isDecoder ? [] : texts, newTokens: 1);
        rows.Begin(cancellationToken);
        var first = Read(rows.State, texts.Length);
        rows.State.Run([.. texts.Select(text => text[0])], cancellationToken);
        return (first, Read(rows.State, texts.Length));
    }

    private static float[][] Read(DecoderState state, int count)
    {
        var rows = new float[count][];
        for (var row = 0; row < count; row++)
        {
            rows[row] = new float[state.VocabularySize];
            state.CopyLogits(row, rows[row]);
        }

        return rows;
    }

    // Also false where one is not a number.
    private static bool IsNear(float[] a, float[] b, float tolerance)
    {
        var (worst, largest) = (0f, 1f);
        for (var i = 0; i < a.Length; i++)
        {
            worst = MathF.Max(worst, a[i] == b[i] ? 0 : MathF.Abs(a[i] - b[i]));
            largest = MathF.Max(largest, MathF.Abs(b[i]));
        }

        return worst <= tolerance * largest;
    }
}
