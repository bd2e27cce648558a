using Coffer.Text;

namespace Coffer.Remote;

/// <summary>Writes the SDK's terms in TGI's.</summary>
internal static class HuggingFaceGenerationRequests
{
    /// <exception cref="Inference.InferenceException">An option has no field.</exception>
    public static HuggingFaceGenerationRequest Of(string prompt, TextGeneratorOptions options, bool streams)
    {
        UnmappedOptions.Refuse("Text Generation Inference",
        [
            (nameof(options.MinNewTokens), options.MinNewTokens is > 0),
            (nameof(options.MinP), options.MinP is not null),
            (nameof(options.PresencePenalty), options.PresencePenalty != 0),
            (nameof(options.Sequences), options.Sequences > 1),
            .. UnmappedOptions.Generation(options),
        ]);

        // TGI refuses a temperature of 0, a top_k of 0 and a top_p of 1: greedy, and all tokens, are what it does without them.
        var isGreedy = options.Sample == false || options.Temperature == 0;
        var isRandom = options.Temperature is > 0 || options.TopK is not null || options.TopP is not null;
        return new HuggingFaceGenerationRequest(prompt, new HuggingFaceGenerationParameters
        {
            MaxNewTokens = options.MaxNewTokens,
            DoSample = isGreedy ? false : isRandom ? true : options.Sample,
            Temperature = isGreedy ? null : options.Temperature,
            TopK = isGreedy || options.TopK == 0 ? null : options.TopK,
            TopP = isGreedy || options.TopP == 1 ? null : options.TopP,
            RepetitionPenalty = options.RepetitionPenalty,
            FrequencyPenalty = options.FrequencyPenalty == 0 ? null : options.FrequencyPenalty,
            Seed = (uint?)options.Seed,
            Stop = options.StopStrings.Count == 0 ? null : options.StopStrings,
        }, streams);
    }
}
