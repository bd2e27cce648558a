using System.Security.Cryptography;

namespace Coffer.Bundles;

/// <summary>
/// ES256 (RFC 7518 §3.4): ECDSA on P-256 with SHA-256, r and s as 32 bytes each, with the low s alone (<see cref="EcdsaLowS"/>).
/// </summary>
internal static class Es256
{
    public const int SignatureSize = 2 * P256.FieldSize;

    public static void Sign(ECDsa key, ReadOnlySpan<byte> data, Span<byte> signature)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(signature.Length, SignatureSize);
        _ = key.SignData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        EcdsaLowS.Normalise(signature, P256.KeySize);
    }

    public static bool Verify(JsonWebKey key, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (!key.IsEllipticCurve || key.Use == KeyUse.Encryption || signature.Length != SignatureSize || !EcdsaLowS.IsLow(signature, P256.KeySize))
        {
            return false;
        }

        using var verifier = key.CreateECDsa();
        return verifier.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }
}
