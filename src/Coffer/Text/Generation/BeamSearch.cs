using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Coffer.Text;

/// <summary>
/// Beam search and beam sampling: transformers' <c>_beam_search</c> with its BeamSearchScorer, for one prompt. The prompt is run once; then every
/// beam has a row.
/// </summary>
internal sealed class BeamSearch
{
    // BeamSearchScorer: at the beginning all beams are the same, and only the first counts.
    private const float NotYet = -1e9f;

    private readonly DecoderState _state;
    private readonly GenerationPlan _plan;
    private readonly GenerationModel _model;
    private readonly Random _random;
    private readonly BeamHypotheses _ended;
    private readonly List<int>[] _beams;
    private readonly float[] _sums;

    public BeamSearch(DecoderState state, GenerationPlan plan, GenerationModel model, ReadOnlySpan<int> prompt, Random random)
    {
        _state = state;
        _plan = plan;
        _model = model;
        _random = random;
        _ended = new BeamHypotheses(plan);
        _beams = new List<int>[plan.Beams];
        for (var beam = 0; beam < _beams.Length; beam++)
        {
            _beams[beam] = new List<int>(prompt.Length + plan.MaxNewTokens);
            _beams[beam].AddRange(prompt);
        }

        _sums = new float[plan.Beams];
        _sums.AsSpan(1..).Fill(NotYet);
    }

    /// <summary>Searches; the best sequence first, as many as are to be returned, or fewer where a constraint allows no more.</summary>
    public IReadOnlyList<BeamHypothesis> Run(CancellationToken cancellationToken)
    {
        _state.Run(Ids(0)[_state.Past..], cancellationToken);
        var vocabulary = _state.VocabularySize;
        var chain = _model.BeginChain(_plan, vocabulary);
        var endings = _plan.EndOfSequence.Count;
        var sampler = _plan.Sample ? new TokenSampler(_plan, _random, vocabulary * _plan.Beams, leastKept: Math.Max(2, endings + 1)) : null;
        var candidates = new BeamCandidates(Math.Max(2, 1 + endings) * _plan.Beams);
        var scores = new float[_plan.Beams * vocabulary];
        var sources = new int[_plan.Beams];
        var tokens = new int[_plan.Beams];
        for (var length = 1; ; length++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Score(chain, sampler, scores, vocabulary, isFirst: length == 1);
            var best = sampler is null ? candidates.Best(scores) : Draw(sampler, scores, candidates.Count);
            if (best.Length == 0)
            {
                break;
            }

            var top = scores[best[0]];
            var kept = Advance(best, scores, vocabulary, sources, tokens);
            if (_ended.IsDone(top, length))
            {
                return Best();
            }

            if (kept == 0)
            {
                break;
            }

            if (length == _plan.MaxNewTokens)
            {
                EndAll();
                return Best();
            }

            if (length == 1)
            {
                // Until now there was one row for all.
                Array.Clear(sources);
            }

            _state.Reorder(sources);
            _state.Run(tokens, cancellationToken);
        }

        // No beam may go on.
        return Best() is { Count: > 0 } rest ? rest : throw GenerationModel.NoToken();
    }

    private ReadOnlySpan<int> Ids(int beam) => CollectionsMarshal.AsSpan(_beams[beam]);

    private void Score(LogitsChain chain, TokenSampler? sampler, float[] scores, int vocabulary, bool isFirst)
    {
        for (var beam = 0; beam < _beams.Length; beam++)
        {
            var row = scores.AsSpan(beam * vocabulary, vocabulary);
            _state.CopyLogits(isFirst ? 0 : beam, row);
            GenerationModel.RequireNumbers(row);
            LogSoftmax(row);
            chain.Process(Ids(beam), _plan.PromptLength, row);
            sampler?.Warp(row);
            TensorPrimitives.Add(row, _sums[beam], row);
        }
    }

    /// <summary>The beams of the next run, from the candidates.</summary>
    /// <returns>How many of them may go on.</returns>
    private int Advance(int[] best, float[] scores, int vocabulary, int[] sources, int[] tokens)
    {
        var next = new List<int>[_beams.Length];
        var sums = new float[_beams.Length];
        var kept = 0;
        for (var rank = 0; rank < best.Length && kept < next.Length; rank++)
        {
            var (beam, token, sum) = (best[rank] / vocabulary, best[rank] % vocabulary, scores[best[rank]]);
            if (_plan.EndOfSequence.Contains(token))
            {
                if (rank < _beams.Length)
                {
                    _ended.Add([.. Ids(beam)[_plan.PromptLength..], token], sum, FinishReason.EndOfSequence);
                }

                continue;
            }

            (next[kept], sums[kept], sources[kept], tokens[kept]) = ([.. _beams[beam], token], sum, beam, token);
            kept++;
        }

        // Where fewer tokens are allowed than there are beams, the rest repeats the first without a chance.
        for (var beam = kept; beam < next.Length && kept > 0; beam++)
        {
            (next[beam], sums[beam], sources[beam], tokens[beam]) = ([.. next[0]], float.NegativeInfinity, sources[0], tokens[0]);
        }

        if (kept > 0)
        {
            next.CopyTo(_beams.AsSpan());
            sums.CopyTo(_sums.AsSpan());
        }

        return kept;
    }

    // transformers: multinomial without replacement over the probabilities of all beams' candidates, then the best first.
    private static int[] Draw(TokenSampler sampler, float[] scores, int count)
    {
        var drawn = sampler.DrawDistinct([.. scores], count);
        return [.. drawn.OrderByDescending(index => scores[index])];
    }

    private void EndAll()
    {
        for (var beam = 0; beam < _beams.Length; beam++)
        {
            if (!float.IsNegativeInfinity(_sums[beam]))
            {
                _ended.Add(Ids(beam)[_plan.PromptLength..].ToArray(), _sums[beam], FinishReason.Length);
            }
        }
    }

    private List<BeamHypothesis> Best() => [.. _ended.Best.Take(_plan.Sequences)];

    private static void LogSoftmax(Span<float> row)
    {
        var max = TensorPrimitives.Max(row);
        TensorPrimitives.Subtract(row, max, row);
        var sum = 0d;
        foreach (var value in row)
        {
            sum += Math.Exp(value);
        }

        TensorPrimitives.Subtract(row, (float)Math.Log(sum), row);
    }
}
