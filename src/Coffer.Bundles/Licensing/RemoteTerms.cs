namespace Coffer.Bundles;

/// <summary>Where inputs may go, and what must be removed from them first: <c>remote</c>.</summary>
/// <param name="Endpoints">
/// Addresses under which an endpoint must lie: same scheme, host and port, and the path or a folder above it. <c>*</c> allows every one.
/// </param>
/// <param name="Desensitise">Kinds of content to remove before anything leaves, for example <c>email</c> or <c>faces</c>. The host may remove more, never less.</param>
public sealed record RemoteTerms(IReadOnlyList<string> Endpoints, IReadOnlyList<string> Desensitise)
{
    /// <summary>Whether inputs may go to this address.</summary>
    public bool Allows(Uri endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        return endpoint.IsAbsoluteUri && Endpoints.Any(allowed => allowed == Entitlement.Any || Covers(allowed, endpoint));
    }

    /// <summary>Whether every address under the second is one under the first.</summary>
    internal static bool Covers(string allowed, string other) =>
        allowed == Entitlement.Any || (Uri.TryCreate(other, UriKind.Absolute, out var uri) && Covers(allowed, uri));

    // Uri has resolved dot segments and lowered scheme and host (RFC 3986 §6.2.2); a path ends at a slash, so that /v1 does not allow /v10.
    private static bool Covers(string allowed, Uri endpoint) =>
        Uri.TryCreate(allowed, UriKind.Absolute, out var prefix)
        && endpoint.UserInfo.Length == 0
        && (prefix.Scheme, prefix.IdnHost, prefix.Port) == (endpoint.Scheme, endpoint.IdnHost, endpoint.Port)
        && (endpoint.AbsolutePath == prefix.AbsolutePath || endpoint.AbsolutePath.StartsWith(prefix.AbsolutePath.TrimEnd('/') + "/", StringComparison.Ordinal));
}
