using System.Security.Cryptography.X509Certificates;
using Coffer.Inference;

namespace Coffer.Remote;

/// <summary>
/// How an endpoint is reached: the part that all protocols share. Immutable; edit with <c>with</c>. Prints without
/// credentials, headers and query.
/// </summary>
public abstract record RemoteEndpointOptions
{
    /// <summary>The endpoint, <c>http</c> or <c>https</c>, without user and password. What of the path is expected stands with each protocol.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>
    /// Called for every request: gives what the request shows. Default null: nothing. Not sent over plain <c>http</c> except to this
    /// machine, unless <see cref="AllowCredentialsOverHttp"/>.
    /// </summary>
    public Func<CancellationToken, ValueTask<RemoteCredential>>? Credential { get; init; }

    /// <summary>
    /// Allows credentials where anybody on the way can read them. Default false. For meshes that encrypt below HTTP.
    /// </summary>
    public bool AllowCredentialsOverHttp { get; init; }

    /// <summary>Headers of every request, for example for routing. Default none. Not for credentials.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>The longest that one call may take, from the call to its result. Default 60 seconds, which is what cloud endpoints allow a model.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The longest that connecting may take. Default 10 seconds.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The most bytes of one request's body as the protocol writes it, before compression; checked before any is sent. Default: what the protocol's provider documents, or null without
    /// a limit.
    /// </summary>
    public long? MaxPayload { get; init; }

    /// <summary>The most bytes of one reply, after decompression. Default 256 MiB.</summary>
    public long MaxReply { get; init; } = 256L << 20;

    /// <summary>
    /// Compresses requests where that makes them smaller by a tenth or more, and asks for compressed replies. Default false: tensors of
    /// floating point numbers hardly shrink.
    /// </summary>
    public bool Compress { get; init; }

    /// <summary>Roots that the server's certificate must lead to, instead of the system's. Default null: the system's.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    /// <summary>What this side shows in TLS, with its private key. Default null: nothing.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>
    /// Sends the requests instead of the runner's own handler: for tests and for hosts that pool connections. Not disposed by the runner;
    /// what concerns connections (<see cref="ConnectTimeout"/>, <see cref="TrustedRoots"/>, <see cref="ClientCertificate"/>) is then its own. Default null.
    /// </summary>
    public HttpMessageHandler? Handler { get; init; }

    /// <summary>The type and the endpoint, without what may be secret.</summary>
    public sealed override string ToString() => $"{GetType().Name} {{ Endpoint = {(Endpoint is null ? "" : RemoteException.Bare(Endpoint))} }}";

    internal virtual void Validate()
    {
        ArgumentNullException.ThrowIfNull(Endpoint);
        ArgumentNullException.ThrowIfNull(Headers);
        if (!Endpoint.IsAbsoluteUri || (Endpoint.Scheme != Uri.UriSchemeHttp && Endpoint.Scheme != Uri.UriSchemeHttps))
        {
            throw new ArgumentException($"The endpoint must be an absolute http or https address, for example https://models.example.com.", nameof(Endpoint));
        }

        if (Endpoint.UserInfo.Length > 0)
        {
            throw new ArgumentException($"The endpoint holds a user or a password: give them by {nameof(Credential)}, so that they are never printed.", nameof(Endpoint));
        }

        if (SendsCredentials && Endpoint.Scheme == Uri.UriSchemeHttp && !Endpoint.IsLoopback && !AllowCredentialsOverHttp)
        {
            throw new ArgumentException($"Credentials would go over plain http to {Endpoint.Host}. Use https, or set {nameof(AllowCredentialsOverHttp)} where the network encrypts.", nameof(Endpoint));
        }

        if (Handler is not null && (TrustedRoots is not null || ClientCertificate is not null))
        {
            throw new ArgumentException($"{nameof(TrustedRoots)} and {nameof(ClientCertificate)} have no effect on a {nameof(Handler)} of yours: set them there.", nameof(Handler));
        }

        RequirePositive(Timeout, nameof(Timeout));
        RequirePositive(ConnectTimeout, nameof(ConnectTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxReply, 1, nameof(MaxReply));
        if (MaxPayload is { } payload)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(payload, 1, nameof(MaxPayload));
        }
    }

    private protected virtual bool SendsCredentials => Credential is not null;

    private static void RequirePositive(TimeSpan value, string name)
    {
        // The longest that a timer takes.
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, TimeSpan.FromDays(49), name);
    }
}
