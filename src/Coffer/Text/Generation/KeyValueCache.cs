using Coffer.Inference;

namespace Coffer.Text;

/// <summary>
/// The key-value cache between two runs of a decoder: what the last run gave becomes what the next one takes, in place, or row by row where
/// texts change places. With it go the encoder's keys and values, computed once, and its output where the graph takes that.
/// </summary>
/// <param name="graphs">The model's.</param>
/// <param name="encoder">The encoder's call; null for a decoder alone.</param>
/// <param name="begin">The call of the first run.</param>
/// <param name="next">The call of the runs after it; may be the same.</param>
internal sealed class KeyValueCache(GenerationGraphs graphs, IModelCall? encoder, IModelCall begin, IModelCall next)
{
    private bool _moved = true;
    private bool _encoderMoved;

    /// <summary>The next run is the first.</summary>
    public void Restart()
    {
        (_moved, _encoderMoved) = (true, false);
        encoder?.Carry(EncoderGraph.States, begin, DecoderGraph.EncoderStates);
    }

    /// <summary>A run has given a new one.</summary>
    public void Computed() => _moved = false;

    /// <summary>Whether the last run gave keys and values of all tokens, and nobody has taken them yet.</summary>
    public bool HoldsAll(IModelCall last, int past) => !_moved && graphs.NextGraph.Cache.TrueForAll(tensor => last.OutputShape(tensor.Output)[2] == past);

    /// <summary>For the first run: merged graphs take the cache's inputs also where they don't use them.</summary>
    public void WriteEmpty(int rows)
    {
        foreach (var tensor in graphs.BeginGraph.Cache)
        {
            if (tensor.ElementType == ElementType.Float16)
            {
                _ = begin.Input<Half>(tensor.Input, [rows, tensor.Heads, 0, tensor.HeadSize]);
            }
            else
            {
                _ = begin.Input<float>(tensor.Input, [rows, tensor.Heads, 0, tensor.HeadSize]);
            }
        }
    }

    /// <summary>Takes it where it lies.</summary>
    public void Carry(IModelCall last)
    {
        if (_moved)
        {
            return;
        }

        foreach (var tensor in graphs.NextGraph.Cache)
        {
            if (tensor.OfEncoder && _encoderMoved)
            {
                continue;
            }

            if (last == next)
            {
                next.Carry(tensor.Output, tensor.Input);
            }
            else
            {
                last.Carry(tensor.Output, next, tensor.Input);
            }
        }

        if (!_encoderMoved && next != begin && graphs.NextGraph.TakesEncoderStates)
        {
            encoder!.Carry(EncoderGraph.States, next, DecoderGraph.EncoderStates);
        }

        (_moved, _encoderMoved) = (true, true);
    }

    /// <summary>Copies it: row i from row <c>sources[i]</c>, the first so many tokens of each.</summary>
    public void Gather(IModelCall last, ReadOnlySpan<int> sources, int length)
    {
        foreach (var tensor in graphs.NextGraph.Cache)
        {
            // Every text answers to the same encoder output: the rows are equal.
            if (tensor.OfEncoder && _encoderMoved)
            {
                continue;
            }

            var kept = tensor.OfEncoder ? int.MaxValue : length;
            if (tensor.ElementType == ElementType.Float16)
            {
                Gather<Half>(last, tensor, sources, kept);
            }
            else
            {
                Gather<float>(last, tensor, sources, kept);
            }
        }

        (_moved, _encoderMoved) = (true, true);
    }

    /// <summary>Gives every row the encoder's output.</summary>
    public void SpreadEncoderStates(int rows)
    {
        if (!graphs.NextGraph.TakesEncoderStates)
        {
            return;
        }

        if (graphs.EncoderGraph!.ElementType == ElementType.Float16)
        {
            SpreadEncoderStates<Half>(rows);
        }
        else
        {
            SpreadEncoderStates<float>(rows);
        }
    }

    private void Gather<T>(IModelCall last, CacheTensor tensor, ReadOnlySpan<int> sources, int length)
    {
        var shape = last.OutputShape(tensor.Output);
        var (heads, tokens, size) = ((int)shape[1], (int)shape[2], (int)shape[3]);
        var kept = Math.Min(tokens, length);
        var from = last.Output<T>(tensor.Output);
        var to = next.Input<T>(tensor.Input, [sources.Length, heads, kept, size]);
        for (var row = 0; row < sources.Length; row++)
        {
            for (var head = 0; head < heads; head++)
            {
                from.Slice(((sources[row] * heads) + head) * tokens * size, kept * size).CopyTo(to[(((row * heads) + head) * kept * size)..]);
            }
        }
    }

    private void SpreadEncoderStates<T>(int rows)
    {
        var shape = encoder!.OutputShape(EncoderGraph.States);
        var from = encoder.Output<T>(EncoderGraph.States);
        var to = next.Input<T>(DecoderGraph.EncoderStates, [rows, shape[1], shape[2]]);
        for (var row = 0; row < rows; row++)
        {
            from.CopyTo(to[(row * from.Length)..]);
        }
    }
}
