using System.Security.Cryptography;

namespace Coffer.Bundles;

/// <summary>
/// ES256 (RFC 7518 §3.4): ECDSA on P-256 with SHA-256, r and s as 32 bytes each. With (r, s) also (r, n - s) verifies, so
/// that anybody can make a second signature; only the one with the low s is written and accepted.
/// </summary>
internal static class Es256
{
    public const int SignatureSize = 2 * P256.FieldSize;

    public static void Sign(ECDsa key, ReadOnlySpan<byte> data, Span<byte> signature)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(signature.Length, SignatureSize);
        _ = key.SignData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        Normalize(signature);
    }

    public static bool Verify(JsonWebKey key, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (!key.IsEllipticCurve || key.Use == KeyUse.Encryption || signature.Length != SignatureSize || !HasLowS(signature))
        {
            return false;
        }

        using var verifier = key.CreateECDsa();
        return verifier.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    public static bool HasLowS(ReadOnlySpan<byte> signature) => signature[P256.FieldSize..].SequenceCompareTo(P256.HalfOrder) <= 0;

    /// <summary>Replaces a high s by n - s.</summary>
    public static void Normalize(Span<byte> signature)
    {
        if (HasLowS(signature))
        {
            return;
        }

        var s = signature[P256.FieldSize..];
        var borrow = 0;
        for (var i = s.Length - 1; i >= 0; i--)
        {
            var difference = P256.Order[i] - s[i] - borrow;
            borrow = difference < 0 ? 1 : 0;
            s[i] = (byte)difference;
        }
    }
}
