using System.Numerics.Tensors;

namespace Coffer.Inference;

/// <summary>From logits to scores, and to the best of them.</summary>
internal static class ClassScores
{
    /// <summary>Turns logits into scores in place.</summary>
    /// <exception cref="InferenceException">A score is not a number (<see cref="InferenceError.RunFailed"/>).</exception>
    public static void Apply(ScoreFunction function, Span<float> scores)
    {
        switch (function)
        {
            case ScoreFunction.Softmax:
                // The greatest logit becomes 0, so that no exponential overflows.
                TensorPrimitives.Subtract(scores, TensorPrimitives.Max(scores), scores);
                TensorPrimitives.SoftMax(scores, scores);
                break;
            case ScoreFunction.Sigmoid:
                TensorPrimitives.Sigmoid(scores, scores);
                break;
            case ScoreFunction.None:
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(function));
        }

        FloatOutputs.RequireNumbers(scores, "score");
    }

    /// <summary>The best scores, best first; of equal ones, the lower index first.</summary>
    public static ClassScore[] Best(ReadOnlySpan<float> scores, int count, Func<int, string> label)
    {
        var best = new (float Score, int Index)[count];
        var filled = 0;
        for (var i = 0; i < scores.Length; i++)
        {
            if (filled == count && scores[i] <= best[^1].Score)
            {
                continue;
            }

            var place = filled < count ? filled++ : count - 1;
            for (; place > 0 && best[place - 1].Score < scores[i]; place--)
            {
                best[place] = best[place - 1];
            }

            best[place] = (scores[i], i);
        }

        return Array.ConvertAll(best, entry => new ClassScore(label(entry.Index), entry.Index, entry.Score));
    }
}
