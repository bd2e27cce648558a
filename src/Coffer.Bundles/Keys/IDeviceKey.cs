namespace Coffer.Bundles;

/// <summary>
/// A pair of private keys that stay where they are: one signs, one opens key envelopes. A license is bound to the signing
/// key and its content keys are wrapped to the agreement key. Publishers and issuers use the same seam, so that their
/// keys may live in an HSM, too. Implementations are safe for concurrent use; the caller disposes them.
/// </summary>
public interface IDeviceKey : IDisposable
{
    /// <summary>The public half of the signing key: EC P-256.</summary>
    JsonWebKey SigningKey { get; }

    /// <summary>The public half of the agreement key: EC P-256 or RSA.</summary>
    JsonWebKey AgreementKey { get; }

    /// <summary>The usage ledger that was created together with this key, or null where there is none.</summary>
    UsageLedger? Ledger => null;

    /// <summary>Opens an envelope that was made for <see cref="AgreementKey"/>.</summary>
    /// <param name="envelope">The envelope.</param>
    /// <param name="keyMaterial">32 bytes: the shared secret Z, or the content encryption key. Cleared on failure.</param>
    /// <exception cref="KeyException">
    /// <see cref="KeyError.UnsupportedKey"/>: the envelope is for another type of key.
    /// <see cref="KeyError.UnwrapFailed"/>: it was made for another key, or altered.
    /// </exception>
    void Unwrap(in KeyEnvelope envelope, Span<byte> keyMaterial);

    /// <summary>Signs with ES256 (RFC 7518 §3.4).</summary>
    /// <param name="data">The data itself, not its digest.</param>
    /// <param name="signature">64 bytes: r, then s, big-endian, s in the lower half of the group's order.</param>
    void Sign(ReadOnlySpan<byte> data, Span<byte> signature);

    /// <summary>
    /// Derives a secret that depends on this key and the label and that nobody without the key can tell: the same on every
    /// call, on every start.
    /// </summary>
    /// <param name="label">What the secret is for; ASCII.</param>
    /// <param name="secret">Receives the secret; 16 to 64 bytes.</param>
    void DeriveLocalSecret(string label, Span<byte> secret);
}
