namespace Coffer.Remote;

/// <summary>Keys of an AWS identity, from whichever provider the host uses. Never printed.</summary>
public sealed class AwsCredential
{
    /// <summary>Makes a credential.</summary>
    /// <param name="accessKeyId">The access key's id.</param>
    /// <param name="secretAccessKey">The secret access key.</param>
    /// <param name="sessionToken">The token of a temporary credential; null for a lasting one.</param>
    public AwsCredential(string accessKeyId, string secretAccessKey, string? sessionToken = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(accessKeyId);
        ArgumentException.ThrowIfNullOrWhiteSpace(secretAccessKey);
        AccessKeyId = accessKeyId;
        SecretAccessKey = secretAccessKey;
        SessionToken = string.IsNullOrEmpty(sessionToken) ? null : sessionToken;
    }

    internal string AccessKeyId { get; }

    internal string SecretAccessKey { get; }

    internal string? SessionToken { get; }

    /// <summary><c>AwsCredential (redacted)</c>.</summary>
    public override string ToString() => $"{nameof(AwsCredential)} (redacted)";
}
