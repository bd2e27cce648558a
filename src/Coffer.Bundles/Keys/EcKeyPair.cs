using System.Security.Cryptography;
using System.Text;

namespace Coffer.Bundles;

/// <summary>
/// A signing and an agreement key on P-256 behind .NET's own types, wherever those keep them: what every device key on them
/// does alike. Safe for concurrent use; owns both keys.
/// </summary>
internal sealed class EcKeyPair : IDisposable
{
    private const int MinSecretSize = 16;
    private const int MaxSecretSize = 64;

    private readonly Lock _gate = new();
    private readonly ECDsa _signing;
    private readonly ECDiffieHellman _agreement;
    private readonly string _place;
    private bool _disposed;

    /// <param name="signing">Signs.</param>
    /// <param name="agreement">Agrees.</param>
    /// <param name="place">Where the keys are, for messages: "the key file".</param>
    /// <exception cref="KeyException"><see cref="KeyError.UnsupportedKey"/>: not on P-256.</exception>
    public EcKeyPair(ECDsa signing, ECDiffieHellman agreement, string place)
    {
        _signing = signing;
        _agreement = agreement;
        _place = place;
        SigningKey = JsonWebKey.FromECDsa(signing);
        AgreementKey = JsonWebKey.FromECDiffieHellman(agreement);
    }

    public JsonWebKey SigningKey { get; }

    public JsonWebKey AgreementKey { get; }

    public ECDsa Signer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(IDeviceKey));
            return _signing;
        }
    }

    public void Sign(ReadOnlySpan<byte> data, Span<byte> signature)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(IDeviceKey));
            try
            {
                Es256.Sign(_signing, data, signature);
            }
            catch (CryptographicException e)
            {
                throw Failed("sign", e);
            }
        }
    }

    public void Unwrap(in KeyEnvelope envelope, Span<byte> keyMaterial)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(keyMaterial.Length, P256.FieldSize);
        keyMaterial.Clear();
        if (envelope.Algorithm != KeyEnvelopeAlgorithm.EcdhEs || !envelope.EphemeralKey.IsEllipticCurve)
        {
            throw new KeyException(KeyError.UnsupportedKey, $"The key material is protected with {envelope.Algorithm}, and {_place} holds a P-256 key. Ask for a license that is made for this device's public file.");
        }

        Agree(envelope.EphemeralKey, keyMaterial);
    }

    /// <summary>
    /// HKDF-SHA-256 of the ECDH between the agreement key and its own public half: any key that agrees computes it on every
    /// start, and telling it from outside is the Diffie-Hellman problem.
    /// </summary>
    /// <param name="salt">Names the kind of key.</param>
    /// <param name="label">What the secret is for; ASCII.</param>
    /// <param name="secret">16 to 64 bytes.</param>
    public void DeriveLocalSecret(ReadOnlySpan<byte> salt, string label, Span<byte> secret)
    {
        RequireLabel(label);
        ArgumentOutOfRangeException.ThrowIfLessThan(secret.Length, MinSecretSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(secret.Length, MaxSecretSize);
        Span<byte> shared = stackalloc byte[P256.FieldSize];
        try
        {
            Agree(AgreementKey, shared);
            HKDF.DeriveKey(HashAlgorithmName.SHA256, shared, secret, salt, Encoding.ASCII.GetBytes(label));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(shared);
        }
    }

    public static void RequireLabel(string label)
    {
        ArgumentException.ThrowIfNullOrEmpty(label);
        if (!Ascii.IsValid(label))
        {
            throw new ArgumentException("A label is ASCII, so that two labels never become one.", nameof(label));
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _signing.Dispose();
            _agreement.Dispose();
        }
    }

    /// <summary>The x coordinate of the shared point (SP 800-56A §5.7.1.2).</summary>
    private void Agree(JsonWebKey other, Span<byte> secret)
    {
        using var key = other.CreateECDiffieHellman();
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(IDeviceKey));
            try
            {
                var shared = _agreement.DeriveRawSecretAgreement(key.PublicKey);
                shared.CopyTo(secret);
                CryptographicOperations.ZeroMemory(shared);
            }
            catch (Exception e) when (e is CryptographicException or PlatformNotSupportedException)
            {
                throw Failed("agree on a secret", e);
            }
        }
    }

    private KeyException Failed(string what, Exception cause) =>
        new(KeyError.Unavailable, $"The keys in {_place} failed to {what}: {cause.Message} Check that they are still there and that this account may use them, then open them again.", cause);
}
