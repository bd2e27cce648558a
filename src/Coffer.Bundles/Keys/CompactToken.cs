using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Coffer.Bundles;

/// <summary>What JWS (RFC 7515) and JWE (RFC 7516) share: base64url parts between dots, the first of them a JSON header.</summary>
internal static class CompactToken
{
    /// <summary>The dots of a token of <paramref name="parts"/> parts, or a refusal.</summary>
    public static Range[] Split(ReadOnlySpan<byte> token, int parts)
    {
        var ranges = new Range[parts];
        var start = 0;
        for (var i = 0; i < parts; i++)
        {
            var dot = token[start..].IndexOf((byte)'.');
            if (dot < 0 != (i == parts - 1))
            {
                throw Malformed($"it does not have {parts} parts between dots");
            }

            ranges[i] = start..(dot < 0 ? token.Length : start + dot);
            start += dot + 1;
        }

        return ranges;
    }

    public static byte[] ToBytes(string token, int maxLength)
    {
        if (token.Length > maxLength)
        {
            throw Malformed($"it is longer than {maxLength} characters");
        }

        return Ascii.IsValid(token) ? Encoding.ASCII.GetBytes(token) : throw Malformed("it holds characters other than ASCII");
    }

    public static byte[] Decode(ReadOnlySpan<byte> part, string name)
    {
        try
        {
            return Base64UrlStrict.Decode(part);
        }
        catch (FormatException)
        {
            throw Malformed($"its {name} is not base64url in its only spelling");
        }
    }

    public static T ReadHeader<T>(ReadOnlySpan<byte> part, Func<JsonElement, T> read)
    {
        try
        {
            return StrictJson.Read(Decode(part, "header"), read);
        }
        catch (FormatException e)
        {
            throw Malformed($"its header can't be read: {e.Message}");
        }
    }

    public static void RequireType(string? actual, string? required)
    {
        if (actual != required)
        {
            throw new JoseException(JoseError.WrongType, $"it is of type '{Shown(actual)}', and '{required ?? "none"}' is required here");
        }
    }

    /// <summary>What a token that follows names it by: SHA-256 of its text, base64url.</summary>
    public static string Digest(string token) => Base64UrlStrict.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(token)));

    /// <summary>Text from outside, short enough and plain enough for a message.</summary>
    public static string Shown(string? text) => text switch
    {
        null => "none",
        { Length: <= 40 } when text.All(c => c is >= ' ' and <= '~') => text,
        _ => "(unprintable)",
    };

    public static JoseException Malformed(string what) => new(JoseError.Malformed, what);
}
