using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Coffer.Server;

/// <summary>Lets through who shows a token, or came with a certificate. Whether the server lives and is ready is no secret: orchestrators ask without either.</summary>
internal static class Authentication
{
    private const string Scheme = "Bearer ";
    private const int MaxTokenLength = 4096;

    // id-kp-clientAuth, RFC 5280 §4.2.1.12.
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");

    private static readonly string[] Open = ["/v2/health/live", "/v2/health/ready", "/inference.GRPCInferenceService/ServerLive", "/inference.GRPCInferenceService/ServerReady"];

    public static async Task InvokeAsync(HttpContext context, RequestDelegate next, ServerOptions options)
    {
        if (options.AllowAnonymous || IsOpen(context.Request.Path) || context.Connection.ClientCertificate is not null || ShowsToken(context.Request.Headers, options.Tokens))
        {
            await next(context).ConfigureAwait(false);
            return;
        }

        context.Response.Headers[HeaderNames.WWWAuthenticate] = "Bearer";
        await RestReply.WriteFailureAsync(context, new ServingFailure("Unauthenticated", StatusCodes.Status401Unauthorized, Grpc.Core.StatusCode.Unauthenticated, "Show a token in the header 'Authorization: Bearer …', or come with a client certificate.")).ConfigureAwait(false);
    }

    /// <summary>Whether a certificate's chain ends at one of these roots and was made for clients. What else the system trusts does not count.</summary>
    public static bool IsTrusted(X509Certificate2 certificate, X509Certificate2Collection roots, TimeProvider clock)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(ClientAuthentication);
        chain.ChainPolicy.VerificationTime = clock.GetUtcNow().UtcDateTime;
        return chain.Build(certificate);
    }

    private static bool IsOpen(PathString path) => Array.Exists(Open, open => path.Equals(open, StringComparison.Ordinal));

    private static bool ShowsToken(IHeaderDictionary headers, IReadOnlyList<BearerToken> tokens)
    {
        var header = headers.Authorization;
        if (header.Count != 1 || header[0] is not { Length: <= MaxTokenLength } value || !value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(value[Scheme.Length..].Trim()), digest);
        var matches = false;
        foreach (var token in tokens)
        {
            // All of them: the time does not say which.
            matches |= token.Matches(digest);
        }

        return matches;
    }
}
