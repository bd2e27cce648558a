using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Coffer.Remote;

/// <summary>The handlers that a request to an endpoint passes: credentials, signature, statuses and limits, the network.</summary>
internal static class EndpointHandlers
{
    /// <param name="options">The endpoint.</param>
    /// <param name="isGrpc">Whether replies must be gRPC's.</param>
    /// <param name="unwrap">Reads the model's own status where a gateway wraps it.</param>
    /// <param name="signing">Signs what is about to be sent; null for none.</param>
    public static CredentialHandler Create(RemoteEndpointOptions options, bool isGrpc, StatusUnwrapper? unwrap = null, DelegatingHandler? signing = null)
    {
        var network = options.Handler is { } handler ? new NetworkHandler(handler, isOwned: false) : new NetworkHandler(CreateNetwork(options), isOwned: true);
        HttpMessageHandler statuses = new ReplyHandler(options, isGrpc, unwrap) { InnerHandler = network };
        if (signing is not null)
        {
            signing.InnerHandler = statuses;
        }

        return new CredentialHandler(options) { InnerHandler = signing ?? statuses };
    }

    private static SocketsHttpHandler CreateNetwork(RemoteEndpointOptions options)
    {
        var handler = new SocketsHttpHandler
        {
            // A redirect would carry inputs and credentials to where nobody allowed them to go.
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = options.ConnectTimeout,
            AutomaticDecompression = options.Compress ? DecompressionMethods.GZip : DecompressionMethods.None,
            EnableMultipleHttp2Connections = true,
            // A name may come to mean another address.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            // Finds a peer that vanished without a word, while calls wait for it.
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        };
        if (options.TrustedRoots is { } roots)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(roots);
            handler.SslOptions.CertificateChainPolicy = policy;
        }

        if (options.ClientCertificate is { } certificate)
        {
            handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
        }

        return handler;
    }

    /// <summary>
    /// Hides what sends: somebody else's handler, which he disposes, and the runner's own from gRPC's client, which would otherwise connect by
    /// itself and refuse calls for up to two minutes after a server was away.
    /// </summary>
    private sealed class NetworkHandler(HttpMessageHandler handler, bool isOwned) : HttpMessageHandler
    {
        private readonly HttpMessageInvoker _invoker = new(handler, isOwned);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => _invoker.SendAsync(request, cancellationToken);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _invoker.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
