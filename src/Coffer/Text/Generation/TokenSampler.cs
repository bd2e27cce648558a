using System.Numerics.Tensors;

namespace Coffer.Text;

/// <summary>
/// Draws tokens by their probabilities: transformers' warpers in their order (temperature, top-k, top-p, min-p), then a draw. One generation's;
/// not thread-safe.
/// </summary>
internal sealed class TokenSampler(GenerationPlan plan, Random random, int vocabularySize, int leastKept)
{
    private readonly float[] _sorted = new float[vocabularySize];
    private readonly float[] _probabilities = new float[vocabularySize];
    private readonly int[] _order = new int[vocabularySize];

    /// <summary>A token; the logits become what was drawn from, forbidden ones negative infinity.</summary>
    public int Draw(Span<float> logits)
    {
        Warp(logits);
        return Pick(logits);
    }

    /// <summary>Several different tokens, in the order in which they were drawn: <c>multinomial</c> without replacement.</summary>
    public int[] DrawDistinct(Span<float> scores, int count)
    {
        var drawn = new List<int>(count);
        while (drawn.Count < count && scores.ContainsAnyExcept(float.NegativeInfinity))
        {
            var token = Pick(scores);
            drawn.Add(token);
            scores[token] = float.NegativeInfinity;
        }

        return [.. drawn];
    }

    /// <summary>Changes the scores so that only what may be drawn is left.</summary>
    public void Warp(Span<float> logits)
    {
        if (plan.Temperature != 1)
        {
            TensorPrimitives.Divide(logits, plan.Temperature, logits);
        }

        if (plan.TopK > 0 && plan.TopK < logits.Length)
        {
            KeepBest(logits, Math.Max(plan.TopK, leastKept));
        }

        if (plan.TopP < 1)
        {
            KeepMass(logits);
        }

        if (plan.MinP > 0)
        {
            KeepLikely(logits);
        }
    }

    // TopKLogitsWarper: what is less than the k-th best goes; equals of it stay.
    private void KeepBest(Span<float> logits, int count)
    {
        if (count >= logits.Length)
        {
            return;
        }

        var scratch = _sorted.AsSpan(0, logits.Length);
        logits.CopyTo(scratch);
        var least = NthLargest(scratch, count);
        foreach (ref var logit in logits)
        {
            logit = logit < least ? float.NegativeInfinity : logit;
        }
    }

    // TopPLogitsWarper: in ascending order, those go whose cumulated probability is at most 1 - p.
    private void KeepMass(Span<float> logits)
    {
        var order = Order(logits);
        Softmax(logits, _probabilities);
        var mass = 0f;
        for (var i = 0; i < order.Length - leastKept; i++)
        {
            mass += _probabilities[order[i]];
            if (mass > 1 - plan.TopP)
            {
                break;
            }

            logits[order[i]] = float.NegativeInfinity;
        }
    }

    // MinPLogitsWarper.
    private void KeepLikely(Span<float> logits)
    {
        Softmax(logits, _probabilities);
        var least = plan.MinP * TensorPrimitives.Max(_probabilities.AsSpan(0, logits.Length));
        var order = Order(logits);
        for (var i = 0; i < order.Length - leastKept && _probabilities[order[i]] < least; i++)
        {
            logits[order[i]] = float.NegativeInfinity;
        }
    }

    /// <summary>The tokens that may be drawn, from the least likely to the likeliest.</summary>
    private ReadOnlySpan<int> Order(ReadOnlySpan<float> logits)
    {
        var count = 0;
        for (var token = 0; token < logits.Length; token++)
        {
            if (!float.IsNegativeInfinity(logits[token]))
            {
                _order[count] = token;
                _sorted[count++] = logits[token];
            }
        }

        MemoryExtensions.Sort(_sorted.AsSpan(0, count), _order.AsSpan(0, count));
        return _order.AsSpan(0, count);
    }

    // Hoare's selection, from the largest down: a vocabulary is much larger than what is kept of it.
    private static float NthLargest(Span<float> values, int n)
    {
        var (first, last, wanted) = (0, values.Length - 1, n - 1);
        while (first < last)
        {
            var pivot = values[first + ((last - first) / 2)];
            var (low, high) = (first, last);
            while (low <= high)
            {
                while (values[low] > pivot)
                {
                    low++;
                }

                while (values[high] < pivot)
                {
                    high--;
                }

                if (low <= high)
                {
                    (values[low], values[high]) = (values[high], values[low]);
                    low++;
                    high--;
                }
            }

            if (wanted <= high)
            {
                last = high;
            }
            else if (wanted >= low)
            {
                first = low;
            }
            else
            {
                break;
            }
        }

        return values[wanted];
    }

    private int Pick(ReadOnlySpan<float> logits)
    {
        Softmax(logits, _probabilities);
        var target = random.NextDouble();
        var sum = 0d;
        var last = -1;
        for (var token = 0; token < logits.Length; token++)
        {
            if (_probabilities[token] > 0)
            {
                sum += _probabilities[token];
                last = token;
                if (sum > target)
                {
                    break;
                }
            }
        }

        return last;
    }

    private static void Softmax(ReadOnlySpan<float> logits, float[] probabilities)
    {
        var target = probabilities.AsSpan(0, logits.Length);
        TensorPrimitives.Subtract(logits, TensorPrimitives.Max(logits), target);
        TensorPrimitives.Exp(target, target);
        TensorPrimitives.Divide(target, TensorPrimitives.Sum(target), target);
    }
}
