namespace Coffer.Remote;

/// <summary>Adds the configured headers and a fresh credential to each request.</summary>
internal sealed class CredentialHandler(RemoteEndpointOptions options) : DelegatingHandler
{
    /// <summary>What a message about the request may not quote.</summary>
    public static readonly HttpRequestOptionsKey<string> Secret = new("Coffer.Secret");

    /// <summary>What the latest request showed, for what gRPC's replies may quote.</summary>
    public string? LatestSecret { get; private set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        foreach (var (name, value) in options.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (options.Credential is { } provide)
        {
            var credential = await ProvideAsync(provide, cancellationToken).ConfigureAwait(false);
            request.Headers.TryAddWithoutValidation(credential.Header, credential.Value);
            request.Options.Set(Secret, credential.Secret);
            LatestSecret = credential.Secret;
        }

        return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<RemoteCredential> ProvideAsync(Func<CancellationToken, ValueTask<RemoteCredential>> provide, CancellationToken cancellationToken)
    {
        try
        {
            return await provide(cancellationToken).ConfigureAwait(false)
                ?? throw new InvalidOperationException($"{nameof(RemoteEndpointOptions.Credential)} gave null.");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw RemoteFailures.NoCredential(options.Endpoint, e);
        }
    }
}
