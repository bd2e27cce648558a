using Coffer.Inference;

namespace Coffer.Text;

/// <summary>
/// Whether a graph has a place for every token of the tokenizer. Where config.json doesn't say how many there are, or says it wrongly, only
/// the graph knows: it is asked for the last one.
/// </summary>
internal static class TextVocabulary
{
    /// <exception cref="InferenceException">The graph takes the first token but not the last (<see cref="InferenceError.InvalidSettings"/>).</exception>
    public static void RequireFit(IModelRunner runner, string graph, TextModelSettings settings)
    {
        var last = settings.Tokenizer.VocabularySize - 1;
        var binding = new TextInputBinding(runner.Describe(graph), settings);

        // A graph that can't run on one token at all says nothing about tokens.
        if (!Runs(runner, graph, binding, 0, out _) || Runs(runner, graph, binding, last, out var failure))
        {
            return;
        }

        throw new InferenceException(
            InferenceError.InvalidSettings,
            $"The model's graph can't read token {last}, '{JsonConfig.Quote(settings.Tokenizer.IdToToken(last) ?? "")}', the last of its tokenizer. Pack the tokenizer that the model was trained with.",
            failure);
    }

    private static bool Runs(IModelRunner runner, string graph, TextInputBinding binding, int token, out InferenceException? failure)
    {
        using var call = runner.Rent(graph);
        binding.Write(call, [One(token)]);
        try
        {
            call.Run(CancellationToken.None);
            failure = null;
            return true;
        }
        catch (InferenceException e) when (e.Error is InferenceError.RunFailed)
        {
            failure = e;
            return false;
        }
    }

    private static TextEncoding One(int token) => new()
    {
        Ids = new[] { token },
        TypeIds = new[] { 0 },
        AttentionMask = new[] { 1 },
        SpecialTokensMask = new[] { 0 },
        Tokens = [""],
        Offsets = new[] { default(TextSpan) },
        WordIds = new[] { 0 },
        SequenceIds = new[] { 0 },
    };
}
