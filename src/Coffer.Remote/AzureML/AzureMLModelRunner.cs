using System.Globalization;

namespace Coffer.Remote;

/// <summary>
/// Runs a graph on an online endpoint of Azure Machine Learning
/// (<see href="https://learn.microsoft.com/azure/machine-learning/how-to-authenticate-online-endpoint"/>).
/// </summary>
public sealed class AzureMLModelRunner : RemoteModelRunner
{
    private AzureMLModelRunner(AzureMLEndpointOptions options, RestClient http, IGraphProtocol protocol)
        : base(options, http, "Azure Machine Learning", [(options.Signature, protocol)])
    {
    }

    /// <summary>Makes a runner. Sends nothing yet.</summary>
    /// <param name="options">The endpoint.</param>
    /// <exception cref="ArgumentException">The options contradict themselves.</exception>
    public static AzureMLModelRunner Create(AzureMLEndpointOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var http = new RestClient(options, Unwrap);
        return new AzureMLModelRunner(options, http, new JsonGraph(options, http, options.Endpoint, JsonFormat.Of(options.Body), request =>
        {
            if (options.Deployment is { } deployment)
            {
                request.Headers.Add("azureml-model-deployment", deployment);
            }
        }));
    }

    /// <summary>True: the service has no such question.</summary>
    /// <param name="cancellationToken">Not used.</param>
    public override ValueTask<bool> IsReadyAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult(true);

    /// <summary>424 says that the model answered with an error; its status is in a header.</summary>
    private static (int Status, string? Message)? Unwrap(HttpResponseMessage reply, string body) =>
        (int)reply.StatusCode == 424
        && reply.Headers.TryGetValues("ms-azureml-model-error-statuscode", out var values)
        && int.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var status)
        && status is >= 400 and <= 599
            ? (status, null)
            : null;
}
