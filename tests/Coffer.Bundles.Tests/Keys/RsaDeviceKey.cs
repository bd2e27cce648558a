using System.Security.Cryptography;
using Coffer.Bundles;

namespace Coffer.Tests.Keys;

/// <summary>A device whose agreement key is RSA, as keys in hardware often are.</summary>
internal sealed class RsaDeviceKey(RSA agreement) : IDeviceKey
{
    private readonly ECDsa _signing = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);

    public JsonWebKey SigningKey => JsonWebKey.FromECDsa(_signing);

    public JsonWebKey AgreementKey => JsonWebKey.FromRsa(agreement);

    public void Unwrap(in KeyEnvelope envelope, Span<byte> keyMaterial)
    {
        keyMaterial.Clear();
        if (envelope.Algorithm != KeyEnvelopeAlgorithm.RsaOaep256)
        {
            throw new KeyException(KeyError.UnsupportedKey, "An RSA key opens RSA-OAEP-256 only.");
        }

        byte[] key;
        try
        {
            key = agreement.Decrypt(envelope.EncryptedKey.ToArray(), RSAEncryptionPadding.OaepSHA256);
        }
        catch (CryptographicException e)
        {
            throw new KeyException(KeyError.UnwrapFailed, "The encrypted key does not open.", e);
        }

        if (key.Length != keyMaterial.Length)
        {
            throw new KeyException(KeyError.UnwrapFailed, "The encrypted key has another length.");
        }

        key.CopyTo(keyMaterial);
    }

    public void Sign(ReadOnlySpan<byte> data, Span<byte> signature) => Es256.Sign(_signing, data, signature);

    public void DeriveLocalSecret(string label, Span<byte> secret) =>
        HKDF.Expand(HashAlgorithmName.SHA256, _secret, secret, System.Text.Encoding.ASCII.GetBytes(label));

    public void Dispose()
    {
        _signing.Dispose();
        agreement.Dispose();
    }
}
