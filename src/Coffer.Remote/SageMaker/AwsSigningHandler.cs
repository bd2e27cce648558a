using System.Security.Cryptography;

namespace Coffer.Remote;

/// <summary>Signs each request as it is sent. The body is read once for its hash and again for the network.</summary>
internal sealed class AwsSigningHandler(SageMakerEndpointOptions options) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var credential = await ProvideAsync(cancellationToken).ConfigureAwait(false);
        var time = options.Clock.GetUtcNow();
        request.Headers.TryAddWithoutValidation("X-Amz-Date", AwsSignature.Timestamp(time));
        if (credential.SessionToken is { } token)
        {
            request.Headers.TryAddWithoutValidation("X-Amz-Security-Token", token);
        }

        request.Options.Set(CredentialHandler.Secret, credential.SecretAccessKey);
        var address = request.RequestUri!;
        var authorization = AwsSignature.Authorization(
            request.Method.Method,
            address,
            SignedHeaders(request),
            await HashAsync(request.Content, cancellationToken).ConfigureAwait(false),
            time,
            options.Region,
            "sagemaker",
            credential);
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<AwsCredential> ProvideAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await options.AwsCredential(cancellationToken).ConfigureAwait(false)
                ?? throw new InvalidOperationException($"{nameof(SageMakerEndpointOptions.AwsCredential)} gave null.");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw RemoteFailures.NoCredential(options.Endpoint, e);
        }
    }

    /// <summary>The host and what AWS reads; proxies may change the others.</summary>
    private static SortedDictionary<string, string> SignedHeaders(HttpRequestMessage request)
    {
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["host"] = request.RequestUri!.Authority };
        foreach (var (name, values) in request.Headers.NonValidated)
        {
            var lower = name.ToLowerInvariant();
            if (lower.StartsWith("x-amz", StringComparison.Ordinal))
            {
                headers[lower] = string.Join(',', values);
            }
        }

        if (request.Content?.Headers.ContentType is { } type)
        {
            headers["content-type"] = type.ToString();
        }

        return headers;
    }

    private static async ValueTask<string> HashAsync(HttpContent? content, CancellationToken cancellationToken)
    {
        if (content is null)
        {
            return AwsSignature.Hex(SHA256.HashData([]));
        }

        var body = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var hash = await SHA256.HashDataAsync(body, cancellationToken).ConfigureAwait(false);
        body.Position = 0;
        return AwsSignature.Hex(hash);
    }
}
