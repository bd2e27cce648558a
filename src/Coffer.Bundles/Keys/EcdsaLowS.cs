using System.Numerics;
using System.Security.Cryptography;

namespace Coffer.Bundles;

/// <summary>
/// ECDSA accepts both (r, s) and (r, n - s): whoever sees one can make the other. Coffer writes the lower s and accepts no
/// other, so that a signature has one encoding.
/// </summary>
internal static class EcdsaLowS
{
    /// <summary>The orders of the NIST curves (SEC 2 §2.4.2 and §2.5.1), by key size in bits.</summary>
    private static readonly Dictionary<int, BigInteger> Orders = new()
    {
        [P256.KeySize] = Number(P256.Order),
        [384] = Number(Convert.FromHexString("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973")),
    };

    /// <summary>Signs a digest; r ‖ s, each as wide as the curve (IEEE P1363).</summary>
    public static byte[] SignHash(ECDsa key, ReadOnlySpan<byte> digest)
    {
        var signature = key.SignHash(digest.ToArray(), DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        Normalise(signature, key.KeySize);
        return signature;
    }

    /// <summary>Replaces a high s by n - s, in place.</summary>
    public static void Normalise(Span<byte> signature, int keySize)
    {
        if (IsLow(signature, keySize))
        {
            return;
        }

        var s = signature[(signature.Length / 2)..];
        var low = Orders[keySize] - Number(s);
        s.Clear();
        low.TryWriteBytes(s[^low.GetByteCount(isUnsigned: true)..], out _, isUnsigned: true, isBigEndian: true);
    }

    /// <summary>Whether r ‖ s has 0 &lt; s &lt;= n / 2.</summary>
    public static bool IsLow(ReadOnlySpan<byte> signature, int keySize)
    {
        var s = Number(signature[(signature.Length / 2)..]);
        return s > 0 && s <= Orders[keySize] / 2;
    }

    private static BigInteger Number(ReadOnlySpan<byte> bigEndian) => new(bigEndian, isUnsigned: true, isBigEndian: true);
}
