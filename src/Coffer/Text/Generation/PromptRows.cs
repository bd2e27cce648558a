namespace Coffer.Text;

/// <summary>
/// Several prompts in one run, a row each: padded on the left for a decoder alone, on the right of what an encoder reads. One use; on one
/// thread at a time.
/// </summary>
internal sealed class PromptRows : IDisposable
{
    private readonly GenerationModel _model;
    private readonly IReadOnlyList<int[]> _prompts;
    private readonly IReadOnlyList<int[]> _sources;
    private readonly int _newTokens;

    /// <param name="model">The model.</param>
    /// <param name="prompts">What the decoder begins with, for each row.</param>
    /// <param name="sources">What the encoder reads, for each row; empty ones for a decoder alone.</param>
    /// <param name="newTokens">The most tokens that follow.</param>
    public PromptRows(GenerationModel model, IReadOnlyList<int[]> prompts, IReadOnlyList<int[]> sources, int newTokens)
    {
        _model = model;
        _prompts = prompts;
        _sources = sources;
        _newTokens = newTokens;
        State = new DecoderState(model.Graphs);
    }

    /// <summary>Gives each row's scores.</summary>
    public DecoderState State { get; }

    /// <summary>Runs the prompts.</summary>
    public void Begin(CancellationToken cancellationToken)
    {
        if (_model.Graphs.EncoderGraph is not null)
        {
            State.Encode(_sources, cancellationToken);
        }

        var width = _prompts.Max(prompt => prompt.Length);
        var tokens = new int[_prompts.Count * width];
        tokens.AsSpan().Fill(_model.PaddingToken);
        foreach (var (row, prompt) in _prompts.Index())
        {
            prompt.CopyTo(tokens, ((row + 1) * width) - prompt.Length);
        }

        var last = (_model.MaxPositions ?? int.MaxValue) - 1;
        State.BeginRows([.. _prompts.Select(prompt => width - prompt.Length)], [.. _prompts.Select(prompt => (int)Math.Min(last, (long)prompt.Length + _newTokens))]);
        State.Run(tokens, cancellationToken);
    }

    public void Dispose() => State.Dispose();
}
