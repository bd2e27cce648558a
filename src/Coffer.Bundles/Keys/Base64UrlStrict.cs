using System.Buffers.Text;
using System.Text;

namespace Coffer.Bundles;

/// <summary>
/// Base64url without padding (RFC 7515 §2), where every byte string has one encoding. The BCL's decoder skips white space
/// and accepts padding; RFC 4648 §3.5 leaves stray bits to the reader. A signed token must not have two spellings.
/// </summary>
internal static class Base64UrlStrict
{
    public static string Encode(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);

    public static int DecodedLength(int encodedLength) => encodedLength / 4 * 3 + Math.Max(encodedLength % 4 - 1, 0);

    /// <exception cref="FormatException">The text is not the one encoding of any bytes.</exception>
    public static byte[] Decode(string text) => Decode(Encoding.UTF8.GetBytes(text));

    /// <exception cref="FormatException">The text is not the one encoding of any bytes.</exception>
    public static byte[] Decode(ReadOnlySpan<byte> text)
    {
        var bytes = new byte[DecodedLength(text.Length)];
        return TryDecode(text, bytes, out _) ? bytes : throw new FormatException("A value is not base64url without padding.");
    }

    public static bool TryDecode(ReadOnlySpan<byte> text, Span<byte> destination, out int written)
    {
        written = 0;
        if (text.Length % 4 == 1 || destination.Length < DecodedLength(text.Length) || !IsCanonical(text))
        {
            return false;
        }

        return Base64Url.TryDecodeFromUtf8(text, destination, out written);
    }

    private static bool IsCanonical(ReadOnlySpan<byte> text)
    {
        foreach (var c in text)
        {
            if (Value(c) < 0)
            {
                return false;
            }
        }

        var strayBits = (text.Length % 4) switch { 2 => 0x0F, 3 => 0x03, _ => 0 };
        return strayBits == 0 || (Value(text[^1]) & strayBits) == 0;
    }

    private static int Value(byte c) => c switch
    {
        >= (byte)'A' and <= (byte)'Z' => c - 'A',
        >= (byte)'a' and <= (byte)'z' => c - 'a' + 26,
        >= (byte)'0' and <= (byte)'9' => c - '0' + 52,
        (byte)'-' => 62,
        (byte)'_' => 63,
        _ => -1,
    };
}
