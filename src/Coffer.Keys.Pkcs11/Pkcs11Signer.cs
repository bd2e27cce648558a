using System.Security.Cryptography;
using Coffer.Bundles;

namespace Coffer.Keys.Pkcs11;

/// <summary>A token's signing key behind .NET's type. It owns nothing: the device key stays open.</summary>
internal sealed class Pkcs11Signer : ECDsa
{
    private readonly Pkcs11DeviceKey _key;

    public Pkcs11Signer(Pkcs11DeviceKey key)
    {
        _key = key;
        KeySizeValue = P256.KeySize;
        LegalKeySizesValue = [new KeySizes(P256.KeySize, P256.KeySize, 0)];
    }

    public override byte[] SignHash(byte[] hash)
    {
        ArgumentNullException.ThrowIfNull(hash);
        return _key.SignDigest(hash);
    }

    public override bool VerifyHash(byte[] hash, byte[] signature)
    {
        using var verifier = _key.SigningKey.CreateECDsa();
        return verifier.VerifyHash(hash, signature);
    }

    public override ECParameters ExportParameters(bool includePrivateParameters)
    {
        if (includePrivateParameters)
        {
            throw new CryptographicException("The private key is in a token and can't be exported. Export the public half.");
        }

        using var publicKey = _key.SigningKey.CreateECDsa();
        return publicKey.ExportParameters(includePrivateParameters: false);
    }
}
