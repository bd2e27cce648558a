using System.Globalization;
using System.Text;

namespace Coffer.Text;

/// <summary>Tokens of single bytes, <c>&lt;0x00&gt;</c> to <c>&lt;0xFF&gt;</c>, become text; in a run that is no UTF-8 each byte becomes U+FFFD.</summary>
internal sealed class ByteFallbackDecoder : TokenDecoder
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public override void Decode(List<string> parts)
    {
        var output = new List<string>(parts.Count);
        var bytes = new List<byte>();
        foreach (var part in parts)
        {
            if (part.Length == 6 && part.StartsWith("<0x", StringComparison.Ordinal) && part[5] == '>' && byte.TryParse(part.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            {
                bytes.Add(value);
                continue;
            }

            Flush(bytes, output);
            output.Add(part);
        }

        Flush(bytes, output);
        parts.Clear();
        parts.AddRange(output);
    }

    private static void Flush(List<byte> bytes, List<string> output)
    {
        if (bytes.Count == 0)
        {
            return;
        }

        try
        {
            output.Add(Strict.GetString([.. bytes]));
        }
        catch (DecoderFallbackException)
        {
            output.Add(new string('\uFFFD', bytes.Count));
        }

        bytes.Clear();
    }
}
