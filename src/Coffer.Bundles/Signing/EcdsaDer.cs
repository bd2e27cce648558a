using System.Formats.Asn1;
using System.Numerics;

namespace Coffer.Bundles;

/// <summary>An ECDSA signature as CMS carries it, the DER of (r, s), from and to r ‖ s of fixed width (RFC 3279 §2.2.3).</summary>
internal static class EcdsaDer
{
    /// <summary>(r, s) from r ‖ s to DER.</summary>
    public static byte[] Encode(ReadOnlySpan<byte> signature)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(new BigInteger(signature[..(signature.Length / 2)], isUnsigned: true, isBigEndian: true));
            writer.WriteInteger(new BigInteger(signature[(signature.Length / 2)..], isUnsigned: true, isBigEndian: true));
        }

        return writer.Encode();
    }

    /// <summary>Whether it is DER of a signature of that curve with the lower of the two s.</summary>
    public static bool IsLow(ReadOnlyMemory<byte> der, int curveSize) =>
        TryDecode(der, curveSize) is { } signature && EcdsaLowS.IsLow(signature, curveSize);

    /// <summary>r ‖ s; null where the bytes are not DER of two positive integers that fit the curve.</summary>
    public static byte[]? TryDecode(ReadOnlyMemory<byte> der, int curveSize)
    {
        var fixedWidth = new byte[2 * curveSize / 8];
        try
        {
            var reader = new AsnReader(der, AsnEncodingRules.DER);
            var values = reader.ReadSequence();
            reader.ThrowIfNotEmpty();
            for (var half = 0; half < 2; half++)
            {
                var value = values.ReadInteger();
                var length = value.Sign > 0 ? value.GetByteCount(isUnsigned: true) : int.MaxValue;
                if (length > curveSize / 8)
                {
                    return null;
                }

                value.TryWriteBytes(fixedWidth.AsSpan(((half + 1) * curveSize / 8) - length), out _, isUnsigned: true, isBigEndian: true);
            }

            values.ThrowIfNotEmpty();
        }
        catch (AsnContentException)
        {
            return null;
        }

        return fixedWidth;
    }
}
