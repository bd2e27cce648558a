using System.Security.Cryptography;

namespace Coffer.Bundles;

/// <summary>Signs versions of a publisher's issuer set. Safe for concurrent use where its key is.</summary>
public sealed class IssuerSetSigner
{
    private delegate string Signing(ReadOnlySpan<byte> payload);

    private readonly Signing _sign;

    /// <summary>Signs with a key that may be in hardware.</summary>
    /// <param name="key">The key of a root, or one that the version before names. Stays the caller's to dispose.</param>
    public IssuerSetSigner(IDeviceKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        Key = key.SigningKey;
        _sign = payload => Jws.Sign(IssuerSetToken.Type, payload, key);
    }

    /// <summary>Signs with a key on P-256.</summary>
    /// <param name="key">The key of a root, or one that the version before names. Stays the caller's to dispose.</param>
    /// <exception cref="KeyException"><see cref="KeyError.UnsupportedKey"/>: the curve is not P-256.</exception>
    public IssuerSetSigner(ECDsa key)
    {
        Key = JsonWebKey.FromECDsa(key);
        _sign = payload => Jws.Sign(IssuerSetToken.Type, payload, key);
    }

    /// <summary>The public half.</summary>
    public JsonWebKey Key { get; }

    /// <summary>For <c>iat</c>. Default: the system's clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Signs version 1, which begins a file. The key is that of a root, or one that applications pin.</summary>
    /// <param name="publisher">The publisher's name.</param>
    /// <param name="draft">What it is to say.</param>
    /// <exception cref="ArgumentException">The draft breaks a rule of LICENSES.md.</exception>
    public IssuerSetFile Begin(string publisher, IssuerSetDraft draft)
    {
        ArgumentNullException.ThrowIfNull(draft);
        return Append("", publisher, 1, draft);
    }

    /// <summary>Signs the version that follows the newest of a file.</summary>
    /// <param name="file">The file; it is not verified.</param>
    /// <param name="draft">What it is to say.</param>
    /// <returns>The file with one version more.</returns>
    /// <exception cref="TrustException"><see cref="TrustError.SignatureInvalid"/>: the newest version does not name this key.</exception>
    /// <exception cref="ArgumentException">The draft breaks a rule of LICENSES.md, or the file is full.</exception>
    public IssuerSetFile Continue(IssuerSetFile file, IssuerSetDraft draft)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(draft);
        var newest = file.Newest;
        return newest.Keys.Contains(Key)
            ? Append(file.ToText(), newest.Publisher, checked(newest.Version + 1), draft)
            : throw new TrustException(TrustError.SignatureInvalid, $"The key {Key.Thumbprint} may not sign version {newest.Version + 1} of the issuer set of '{newest.Publisher}': version {newest.Version} names {string.Join(", ", newest.Keys.Select(key => key.Thumbprint))}. Use one of those keys.");
    }

    private IssuerSetFile Append(string text, string publisher, int version, IssuerSetDraft draft)
    {
        var now = Clock.GetUtcNow();
        if (draft.Expires <= now)
        {
            throw new ArgumentException("The issuer set would be over before it begins; give an end in the future.", nameof(draft));
        }

        var claims = new IssuerSetClaims
        {
            Publisher = publisher,
            Version = version,
            IssuedAt = now,
            Expires = draft.Expires,
            Keys = draft.Keys,
            Issuers = draft.Issuers,
            Signers = draft.Signers,
        };
        try
        {
            // What the verifier would refuse to read must not leave the publisher.
            return IssuerSetFile.Parse($"{text}{_sign(IssuerSetWriter.Write(claims))}\n");
        }
        catch (TrustException e)
        {
            throw new ArgumentException($"These terms make no issuer set that could be read. {e.Message}", nameof(draft), e);
        }
    }
}
