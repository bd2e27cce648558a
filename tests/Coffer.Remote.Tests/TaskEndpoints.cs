using System.Runtime.CompilerServices;
using Coffer.Inference;
using Coffer.Remote.Tests.StandIn;
using Coffer.Text;

namespace Coffer.Remote.Tests;

/// <summary>Predictors over the stand-in's tasks, and a call of each.</summary>
internal sealed class TaskEndpoints(StandInServer server)
{
    public static readonly string[] Whole = ["chat", "conversation", "embeddings", "generation", "embed", "classify", "zero-shot"];

    public static readonly string[] Streams = ["chat stream", "conversation stream", "generation stream"];

    /// <summary>Edits the options of each predictor.</summary>
    public Func<RemoteTaskOptions, RemoteTaskOptions> Edit { get; set; } = options => options;

    public OpenAIEndpointOptions OpenAI => (OpenAIEndpointOptions)Edit(new OpenAIEndpointOptions { Endpoint = new Uri(server.Rest, "v1"), Model = "echo", Credential = Show });

    public HuggingFaceEndpointOptions HuggingFace(string path) => (HuggingFaceEndpointOptions)Edit(new HuggingFaceEndpointOptions { Endpoint = new Uri(server.Rest, path), Credential = Show });

    /// <summary>Predicts for the text; a stream to its end.</summary>
    public async Task<string> CallAsync(string kind, string text, CancellationToken cancellationToken)
    {
        switch (kind)
        {
            case "chat":
                using (var predictor = new OpenAIChatPredictor(OpenAI))
                {
                    return (await predictor.PredictAsync(text, cancellationToken: cancellationToken)).Value.Text;
                }

            case "conversation":
                using (var predictor = new OpenAIConversationPredictor(OpenAI))
                {
                    return (await predictor.PredictAsync([ChatTurn.User(text)], cancellationToken: cancellationToken)).Value.Text;
                }

            case "embeddings":
                using (var predictor = new OpenAIEmbeddingPredictor(OpenAI))
                {
                    return (await predictor.PredictAsync(text, cancellationToken: cancellationToken)).Value.ToString();
                }

            case "generation":
                using (var predictor = new HuggingFaceTextGenerationPredictor(HuggingFace("tgi")))
                {
                    return (await predictor.PredictAsync(text, cancellationToken: cancellationToken)).Value.Text;
                }

            case "embed":
                using (var predictor = new HuggingFaceEmbeddingPredictor(HuggingFace("tei/embed")))
                {
                    return (await predictor.PredictAsync(text, cancellationToken: cancellationToken)).Value.ToString();
                }

            case "classify":
                using (var predictor = new HuggingFaceTextClassificationPredictor(HuggingFace("hf/classify")))
                {
                    return (await predictor.PredictAsync(text, cancellationToken: cancellationToken)).Value.Top.Label;
                }

            case "zero-shot":
                using (var predictor = new HuggingFaceZeroShotPredictor(HuggingFace("hf/zero-shot")))
                {
                    return (await predictor.PredictAsync(text, new ZeroShotClassifierOptions { Labels = ["good", "bad"] }, cancellationToken)).Value.Top.Label;
                }

            default:
                return string.Concat(await StreamAsync(kind, text, cancellationToken).Select(token => token.Text).ToListAsync(cancellationToken));
        }
    }

    public async IAsyncEnumerable<GeneratedToken> StreamAsync(string kind, string text, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var chat = new OpenAIChatPredictor(OpenAI);
        using var conversation = new OpenAIConversationPredictor(OpenAI);
        using var generation = new HuggingFaceTextGenerationPredictor(HuggingFace("tgi"));
        var tokens = kind switch
        {
            "chat stream" => chat.PredictStreamAsync(text, cancellationToken: cancellationToken),
            "conversation stream" => conversation.PredictStreamAsync([ChatTurn.User(text)], cancellationToken: cancellationToken),
            _ => generation.PredictStreamAsync(text, cancellationToken: cancellationToken),
        };
        await foreach (var token in tokens)
        {
            yield return token;
        }
    }

    public async Task<RemoteException> FailAsync(string kind, CancellationToken cancellationToken) =>
        await Assert.ThrowsAsync<RemoteException>(() => CallAsync(kind, "a good text", cancellationToken));

    private static ValueTask<RemoteCredential> Show(CancellationToken cancellationToken) => ValueTask.FromResult(RemoteCredential.Bearer(TaskRoutes.Key));
}
