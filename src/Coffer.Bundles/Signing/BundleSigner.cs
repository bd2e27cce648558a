using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Coffer.Bundles;

/// <summary>
/// Signs bundles for a publisher: ECDSA on P-256 or P-384, or RSA-PSS of 3072 bits and more. The key may live anywhere that
/// .NET's own types reach. Thread-safe where the key is.
/// </summary>
public sealed class BundleSigner
{
    private readonly AsymmetricAlgorithm _key;
    private readonly SignatureAlgorithm _algorithm;
    private readonly X509Certificate2 _certificate;
    private readonly List<ReadOnlyMemory<byte>> _chain;

    /// <summary>A signer with its key and chain.</summary>
    /// <param name="key">The private key: <see cref="ECDsa"/> or <see cref="RSA"/>. The caller disposes it.</param>
    /// <param name="certificate">The certificate of that key, issued for signing bundles.</param>
    /// <param name="intermediates">The certificates between it and the publisher's root, without the root.</param>
    /// <exception cref="KeyException">The key is of a type that the format does not know, or not the certificate's.</exception>
    public BundleSigner(AsymmetricAlgorithm key, X509Certificate2 certificate, IEnumerable<X509Certificate2>? intermediates = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(certificate);
        _key = key;
        _algorithm = SignatureAlgorithm.For(key);
        _certificate = certificate;
        _chain = [certificate.RawDataMemory, .. (intermediates ?? []).Select(c => c.RawDataMemory)];
        if (!key.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(certificate.PublicKey.ExportSubjectPublicKeyInfo()))
        {
            throw new KeyException(KeyError.UnsupportedKey, $"The signing key is not the one that the certificate '{certificate.Subject}' was issued for.");
        }
    }

    /// <summary>Signs the bytes before the slot; gives the DER that goes into it.</summary>
    internal byte[] Sign(ReadOnlySpan<byte> content)
    {
        var unsigned = new CmsSignature
        {
            Algorithm = _algorithm,
            Certificates = _chain,
            SignerIssuer = _certificate.IssuerName.RawData,
            SignerSerial = new(_certificate.SerialNumberBytes.Span, isUnsigned: false, isBigEndian: true),
            MessageDigest = CryptographicOperations.HashData(_algorithm.Hash, content),
            Signature = ReadOnlyMemory<byte>.Empty,
        };
        return (unsigned with { Signature = SignAttributes(unsigned.EncodeSignedAttributes()) }).Encode();
    }

    private byte[] SignAttributes(byte[] attributes)
    {
        var digest = CryptographicOperations.HashData(_algorithm.Hash, attributes);
        return _key is ECDsa ecdsa
            ? EcdsaDer.Encode(EcdsaLowS.SignHash(ecdsa, digest))
            : ((RSA)_key).SignHash(digest, _algorithm.Hash, RSASignaturePadding.Pss);
    }
}
