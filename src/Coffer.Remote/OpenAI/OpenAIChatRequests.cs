using Coffer.Text;

namespace Coffer.Remote;

/// <summary>Writes the SDK's terms in OpenAI's.</summary>
internal static class OpenAIChatRequests
{
    private const string Protocol = "OpenAI's chat API";

    /// <exception cref="Inference.InferenceException">An option has no field.</exception>
    public static OpenAIChatRequest Of(OpenAIEndpointOptions endpoint, IReadOnlyList<ChatTurn> messages, TextGeneratorOptions options, bool streams)
    {
        var extends = endpoint.SendsSamplingExtensions;
        UnmappedOptions.Refuse(Protocol,
        [
            (nameof(options.TopK), !extends && options.TopK is not null),
            (nameof(options.MinP), !extends && options.MinP is not null),
            (nameof(options.RepetitionPenalty), !extends && options.RepetitionPenalty is not null),
            (nameof(options.MinNewTokens), !extends && options.MinNewTokens is > 0),
            .. UnmappedOptions.Generation(options),
        ]);
        return new OpenAIChatRequest
        {
            Model = endpoint.Model,
            Messages = [.. messages.Select(Message)],
            MaxCompletionTokens = endpoint.SendsMaxTokens ? null : options.MaxNewTokens,
            MaxTokens = endpoint.SendsMaxTokens ? options.MaxNewTokens : null,
            // The API has no other word for taking always the likeliest.
            Temperature = options.Sample == false ? 0 : options.Temperature,
            TopP = options.TopP,
            FrequencyPenalty = options.FrequencyPenalty == 0 ? null : options.FrequencyPenalty,
            PresencePenalty = options.PresencePenalty == 0 ? null : options.PresencePenalty,
            Seed = options.Seed,
            Stop = options.StopStrings.Count == 0 ? null : options.StopStrings,
            N = options.Sequences == 1 ? null : options.Sequences,
            TopK = options.TopK,
            MinP = options.MinP,
            RepetitionPenalty = options.RepetitionPenalty,
            MinTokens = options.MinNewTokens is > 0 ? options.MinNewTokens : null,
            Stream = streams ? true : null,
            StreamOptions = streams ? new OpenAIStreamOptions(IncludeUsage: true) : null,
        };
    }

    private static OpenAIChatMessage Message(ChatTurn turn) => new(turn.Role, turn.Fields.ContainsKey("content") ? null : turn.Content)
    {
        Name = turn.Name,
        ToolCallId = turn.ToolCallId,
        ToolCalls = turn.ToolCalls.Count == 0 ? null : [.. turn.ToolCalls.Select(call => new OpenAIToolCall(call.Id, "function", new OpenAIFunctionCall(call.Name, call.Arguments.GetRawText())))],
        Fields = turn.Fields.Count == 0 ? null : turn.Fields.ToDictionary(),
    };
}
