namespace Coffer.Bundles;

/// <summary>The names of a license's claims: RFC 7519's where one exists.</summary>
internal static class ClaimNames
{
    public const string Issuer = "iss";
    public const string Subject = "sub";
    public const string Audience = "aud";
    public const string TokenId = "jti";
    public const string IssuedAt = "iat";
    public const string NotBefore = "nbf";
    public const string Expires = "exp";
    public const string LicenseId = "lid";
    public const string Sequence = "seq";
    public const string Confirmation = "cnf";
    public const string Models = "models";
    public const string Keys = "keys";
    public const string Tasks = "tasks";
    public const string Targets = "targets";
    public const string Providers = "providers";
    public const string Quota = "quota";
    public const string Offline = "offline";
    public const string Status = "status";
    public const string Remote = "remote";
    public const string Delegate = "delegate";
    public const string Previous = "prev";
    public const string Watermark = "watermark";
    public const string MinSdk = "min_sdk";
    public const string Must = "must";

    /// <summary>Claims that a verifier of this version enforces: what <c>must</c> may name.</summary>
    public static readonly IReadOnlyCollection<string> Enforced =
    [
        Issuer, Subject, Audience, TokenId, IssuedAt, NotBefore, Expires, LicenseId, Sequence, Confirmation, Models, Keys,
        Tasks, Targets, Providers, Quota, Offline, Status, Remote, Delegate, Previous, Watermark, MinSdk, Must,
    ];
}
