using System.Text;

namespace Coffer.Remote;

/// <summary>
/// What a request shows to an endpoint: one header. A provider delegate gives one for each request, so that a token may be
/// renewed; whoever fetches tokens over a network caches them. Never printed.
/// </summary>
public sealed class RemoteCredential
{
    private RemoteCredential(string header, string value, string secret)
    {
        Header = header;
        Value = value;
        Secret = secret;
    }

    internal string Header { get; }

    internal string Value { get; }

    /// <summary>What no message may quote, even if a server does.</summary>
    internal string Secret { get; }

    /// <summary>A bearer token (RFC 6750): OAuth 2.0, an API key of OpenAI's kind, Azure's and Google's access tokens.</summary>
    /// <param name="token">The token, without the word <c>Bearer</c>.</param>
    public static RemoteCredential Bearer(string token) => new("Authorization", $"Bearer {Checked(token)}", token);

    /// <summary>A key in a header of its own.</summary>
    /// <param name="header">The header, for example <c>api-key</c>.</param>
    /// <param name="key">The key.</param>
    public static RemoteCredential ApiKey(string header, string key)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(header);
        return new(header, Checked(key), key);
    }

    /// <summary>A user and a password (RFC 7617).</summary>
    /// <param name="user">The user, without a colon.</param>
    /// <param name="password">The password.</param>
    public static RemoteCredential Basic(string user, string password)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(password);
        var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));
        return new("Authorization", $"Basic {encoded}", encoded);
    }

    /// <summary><c>RemoteCredential (redacted)</c>.</summary>
    public override string ToString() => $"{nameof(RemoteCredential)} (redacted)";

    private static string Checked(string secret)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(secret);
        return secret.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? throw new ArgumentException("A token or key must be visible ASCII characters without spaces: it goes into a header. Check for a trailing line break.", nameof(secret))
            : secret;
    }
}
