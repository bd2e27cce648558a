namespace Coffer.Text;

/// <summary>One sequence, generated token by token, with its text.</summary>
internal sealed class SequenceRun
{
    private readonly TokenLoop _loop;
    private readonly StoppedText _text;
    private readonly int _cached;
    private readonly int _promptTokens;

    public SequenceRun(GenerationModel model, DecoderState state, GenerationRequest request, GenerationPlan plan, Random random, int row = 0)
    {
        _cached = state.Past;
        _promptTokens = request.PromptTokens;
        _loop = new TokenLoop(state, plan, model, request.Prompt, random, row);
        _text = new StoppedText(model.Tokenizer, request.Context, plan.StopStrings);
    }

    /// <summary>Why it ended; null while it goes on.</summary>
    public FinishReason? Ended { get; private set; }

    /// <summary>Prompt and text so far.</summary>
    public ReadOnlySpan<int> Ids => _loop.Ids;

    public GeneratedSequence Result => new(_text.ToString(), _loop.Generated.ToArray(), Ended!.Value);

    public TokenUsage Usage => new(_promptTokens, _loop.Generated.Length, _cached);

    /// <summary>Generates a token.</summary>
    /// <returns>The text that is final with it.</returns>
    public string Next(CancellationToken cancellationToken)
    {
        _loop.Run(cancellationToken);
        return Take();
    }

    /// <summary>Chooses a token from what the last run gave.</summary>
    /// <returns>The text that is final with it.</returns>
    public string Take()
    {
        var ended = _loop.Take();
        var text = _text.Append(_loop.Generated[^1]);
        if (!_text.IsStopped && ended is not null)
        {
            text += _text.Complete();
        }

        Ended = _text.IsStopped ? FinishReason.StopString : ended;
        return text;
    }

    /// <summary>Generates a token, for a stream.</summary>
    public GeneratedToken NextToken(string? watermark, CancellationToken cancellationToken)
    {
        var text = Next(cancellationToken);
        var token = new GeneratedToken(_loop.Generated[^1], text);
        return Ended is null ? token : token with { FinishReason = Ended, Usage = Usage, Watermark = watermark };
    }
}
