namespace Coffer.Text;

/// <summary>The best of many scores, the best first; of equal ones the lower index.</summary>
internal sealed class BeamCandidates(int count)
{
    private readonly PriorityQueue<int, (float Score, int Order)> _worstFirst = new(count + 1);

    public int Count => count;

    /// <summary>The indices of the best that are above negative infinity.</summary>
    public int[] Best(ReadOnlySpan<float> scores)
    {
        _worstFirst.Clear();
        for (var index = 0; index < scores.Length; index++)
        {
            var score = scores[index];
            if (float.IsNegativeInfinity(score))
            {
                continue;
            }

            if (_worstFirst.Count < count)
            {
                _worstFirst.Enqueue(index, (score, -index));
            }
            else if (_worstFirst.TryPeek(out _, out var worst) && score > worst.Score)
            {
                _worstFirst.EnqueueDequeue(index, (score, -index));
            }
        }

        var best = new int[_worstFirst.Count];
        for (var i = best.Length - 1; i >= 0; i--)
        {
            best[i] = _worstFirst.Dequeue();
        }

        return best;
    }
}
