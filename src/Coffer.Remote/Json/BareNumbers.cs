using System.Buffers;

namespace Coffer.Remote;

/// <summary>
/// NaN and infinities stand bare in the replies of TensorFlow Serving and of servers written in Python, which is not JSON (RFC 8259 §6).
/// Puts them in quotes, so that a strict reader takes the rest.
/// </summary>
internal static class BareNumbers
{
    private static readonly SearchValues<byte> Starts = SearchValues.Create("NI\""u8);

    public static ReadOnlySpan<byte> NaN => "NaN"u8;

    public static ReadOnlySpan<byte> Infinity => "Infinity"u8;

    public static ReadOnlySpan<byte> MinusInfinity => "-Infinity"u8;

    /// <summary>The same body with its bare numbers in quotes; itself if it has none.</summary>
    public static ReadOnlySpan<byte> Quote(ReadOnlySpan<byte> json)
    {
        if (json.IndexOf(NaN) < 0 && json.IndexOf(Infinity) < 0)
        {
            return json;
        }

        var quoted = new ArrayBufferWriter<byte>(json.Length + 256);
        while (json.Length > 0)
        {
            var start = json.IndexOfAny(Starts);
            if (start < 0)
            {
                break;
            }

            var (from, length) = json[start] == '"' ? (start, StringLength(json[start..])) : Bare(json, start);
            if (length == 0)
            {
                // Not JSON; the reader will say so.
                length = 1;
                quoted.Write(json[..(from + length)]);
            }
            else if (json[start] == '"')
            {
                quoted.Write(json[..(from + length)]);
            }
            else
            {
                quoted.Write(json[..from]);
                quoted.Write("\""u8);
                quoted.Write(json.Slice(from, length));
                quoted.Write("\""u8);
            }

            json = json[(from + length)..];
        }

        quoted.Write(json);
        return quoted.WrittenSpan;
    }

    private static (int From, int Length) Bare(ReadOnlySpan<byte> json, int start)
    {
        var rest = json[start..];
        if (rest.StartsWith(NaN))
        {
            return (start, NaN.Length);
        }

        if (!rest.StartsWith(Infinity))
        {
            return (start, 0);
        }

        return start > 0 && json[start - 1] == '-' ? (start - 1, MinusInfinity.Length) : (start, Infinity.Length);
    }

    /// <summary>From the opening quote to behind the closing one; the rest if there is none.</summary>
    private static int StringLength(ReadOnlySpan<byte> json)
    {
        var position = 1;
        while (position < json.Length)
        {
            var next = json[position..].IndexOfAny((byte)'"', (byte)'\\');
            if (next < 0)
            {
                return json.Length;
            }

            position += next;
            if (json[position] == '"')
            {
                return position + 1;
            }

            position += 2;
        }

        return json.Length;
    }
}
