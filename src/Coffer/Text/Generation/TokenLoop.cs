using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Coffer.Text;

/// <summary>Greedy decoding and sampling: one token a step.</summary>
internal sealed class TokenLoop
{
    private readonly DecoderState _state;
    private readonly GenerationPlan _plan;
    private readonly GenerationModel _model;
    private readonly List<int> _ids;
    private readonly Random _random;
    private readonly int _row;
    private LogitsChain? _chain;
    private TokenSampler? _sampler;
    private float[] _scores = [];

    /// <param name="state">Holds the first tokens of the prompt already, as many as it has run.</param>
    /// <param name="plan">How tokens are chosen.</param>
    /// <param name="model">The model.</param>
    /// <param name="prompt">The decoder's tokens at the beginning.</param>
    /// <param name="random">Draws, where the plan samples.</param>
    /// <param name="row">The text's row in a run.</param>
    public TokenLoop(DecoderState state, GenerationPlan plan, GenerationModel model, ReadOnlySpan<int> prompt, Random random, int row)
    {
        _row = row;
        _random = random;
        _state = state;
        _plan = plan;
        _model = model;
        _ids = new List<int>(prompt.Length + plan.MaxNewTokens);
        _ids.AddRange(prompt);
    }

    /// <summary>Prompt and text so far.</summary>
    public ReadOnlySpan<int> Ids => CollectionsMarshal.AsSpan(_ids);

    public ReadOnlySpan<int> Generated => Ids[_plan.PromptLength..];

    /// <summary>Runs what of the text wasn't run yet.</summary>
    public void Run(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _state.Run(Ids[_state.Past..], cancellationToken);
    }

    /// <summary>Chooses the next token from what the last run gave.</summary>
    /// <returns>Why it is the last; null if it is not.</returns>
    public FinishReason? Take()
    {
        var token = Choose();
        _ids.Add(token);
        return _plan.EndOfSequence.Contains(token) ? FinishReason.EndOfSequence
            : _ids.Count - _plan.PromptLength >= _plan.MaxNewTokens ? FinishReason.Length
            : null;
    }

    private int Choose()
    {
        _chain ??= _model.BeginChain(_plan, _state.VocabularySize);
        if (_chain.IsEmpty && !_plan.Sample && _state.ReadLogits(_row) is { IsEmpty: false } raw)
        {
            return Best(raw);
        }

        if (_scores.Length == 0)
        {
            _scores = new float[_state.VocabularySize];
        }

        _state.CopyLogits(_row, _scores);
        GenerationModel.RequireNumbers(_scores);
        _chain.Process(Ids, _plan.PromptLength, _scores);
        if (!_plan.Sample)
        {
            return Best(_scores);
        }

        _sampler ??= new TokenSampler(_plan, _random, _scores.Length, leastKept: 1);
        var token = _sampler.Draw(_scores);
        return token >= 0 ? token : throw GenerationModel.NoToken();
    }

    private static int Best(ReadOnlySpan<float> scores)
    {
        // The index of the first that is not a number, where there is one.
        var best = TensorPrimitives.IndexOfMax(scores);
        GenerationModel.RequireNumbers(scores.Slice(best, 1));
        return !float.IsNegativeInfinity(scores[best]) ? best : throw GenerationModel.NoToken();
    }
}
