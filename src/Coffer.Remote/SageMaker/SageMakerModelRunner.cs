using System.Text.Json;

namespace Coffer.Remote;

/// <summary>
/// Runs a graph on a real-time endpoint of Amazon SageMaker
/// (<see href="https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html"/>).
/// </summary>
public sealed class SageMakerModelRunner : RemoteModelRunner
{
    private SageMakerModelRunner(SageMakerEndpointOptions options, RestClient http, IGraphProtocol protocol)
        : base(options, http, "Amazon SageMaker", [(options.Signature, protocol)])
    {
    }

    /// <summary>Makes a runner. Sends nothing yet.</summary>
    /// <param name="options">The endpoint.</param>
    /// <exception cref="ArgumentException">The options contradict themselves.</exception>
    public static SageMakerModelRunner Create(SageMakerEndpointOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var http = new RestClient(options, Unwrap, new AwsSigningHandler(options));
        var address = http.Address($"endpoints/{Uri.EscapeDataString(options.EndpointName)}/invocations");
        return new SageMakerModelRunner(options, http, new JsonGraph(options, http, address, JsonFormat.Of(options.Body), request => Adapt(options, request)));
    }

    /// <summary>True: the runtime has no such question.</summary>
    /// <param name="cancellationToken">Not used.</param>
    public override ValueTask<bool> IsReadyAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult(true);

    private static void Adapt(SageMakerEndpointOptions options, HttpRequestMessage request)
    {
        Add(request, "X-Amzn-SageMaker-Target-Variant", options.TargetVariant);
        Add(request, "X-Amzn-SageMaker-Target-Model", options.TargetModel);
        Add(request, "X-Amzn-SageMaker-Inference-Component", options.InferenceComponent);
    }

    private static void Add(HttpRequestMessage request, string header, string? value)
    {
        if (value is not null)
        {
            request.Headers.Add(header, value);
        }
    }

    /// <summary>
    /// The model's own status in a ModelError (424), and AWS's errors of name, which come as 400 or 403.
    /// </summary>
    private static (int Status, string? Message)? Unwrap(HttpResponseMessage reply, string body)
    {
        if ((int)reply.StatusCode == 424)
        {
            return Original(body);
        }

        var name = reply.Headers.TryGetValues("x-amzn-errortype", out var values) ? values.First() : "";
        return name.Split(':')[0] switch
        {
            "ThrottlingException" or "Throttling" or "TooManyRequestsException" or "ModelNotReadyException" => (429, null),
            "ExpiredTokenException" or "UnrecognizedClientException" or "InvalidSignatureException" or "IncompleteSignature" or "MissingAuthenticationTokenException" or "InvalidClientTokenId" => (401, null),
            _ => null,
        };
    }

    private static (int Status, string? Message)? Original(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object
                && root.TryGetProperty("OriginalStatusCode", out var status) && status.TryGetInt32(out var code) && code is >= 400 and <= 599
                    ? (code, root.TryGetProperty("OriginalMessage", out var message) && message.ValueKind == JsonValueKind.String ? message.GetString() : null)
                    : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
