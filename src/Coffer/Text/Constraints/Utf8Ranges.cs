using System.Text;

namespace Coffer.Text.Constraints;

/// <summary>Ranges of code points as ranges of the bytes of UTF-8, without surrogates.</summary>
internal static class Utf8Ranges
{
    private static readonly (int First, int Last)[] Lengths = [(0, 0x7F), (0x80, 0x7FF), (0x800, 0xD7FF), (0xE000, 0xFFFF), (0x10000, 0x10FFFF)];

    /// <summary>The ranges of code points that a set holds.</summary>
    public static List<(int First, int Last)> Of(CodePointSet set)
    {
        var ranges = new List<(int First, int Last)>();
        foreach (var (first, last) in Lengths)
        {
            for (var codePoint = first; codePoint <= last; codePoint++)
            {
                if (!set.Contains(codePoint))
                {
                    continue;
                }

                var start = codePoint;
                while (codePoint < last && set.Contains(codePoint + 1))
                {
                    codePoint++;
                }

                ranges.Add((start, codePoint));
            }
        }

        return ranges;
    }

    /// <summary>Adds ways that read one code point of a range.</summary>
    public static void Add(ByteNetwork network, int from, int first, int last, int to)
    {
        foreach (var (lowest, highest) in Lengths)
        {
            if (Math.Max(first, lowest) <= Math.Min(last, highest))
            {
                Split(network, from, Encode(Math.Max(first, lowest)), Encode(Math.Min(last, highest)), to);
            }
        }
    }

    /// <summary>Both of one length: where the first bytes differ, what lies between is whole.</summary>
    private static void Split(ByteNetwork network, int from, ReadOnlySpan<byte> first, ReadOnlySpan<byte> last, int to)
    {
        if (first.Length == 1)
        {
            network.AddByte(from, first[0], last[0], to);
            return;
        }

        Span<byte> lowest = stackalloc byte[first.Length - 1];
        Span<byte> highest = stackalloc byte[first.Length - 1];
        lowest.Fill(0x80);
        highest.Fill(0xBF);
        if (first[0] == last[0])
        {
            Split(network, Step(network, from, first[0], first[0]), first[1..], last[1..], to);
            return;
        }

        var (whole, end) = (first[0], last[0]);
        if (!first[1..].SequenceEqual(lowest))
        {
            Split(network, Step(network, from, whole, whole), first[1..], highest, to);
            whole++;
        }

        var endsWhole = last[1..].SequenceEqual(highest);
        if (whole <= (endsWhole ? end : end - 1))
        {
            Split(network, Step(network, from, whole, (byte)(endsWhole ? end : end - 1)), lowest, highest, to);
        }

        if (!endsWhole)
        {
            Split(network, Step(network, from, end, end), lowest, last[1..], to);
        }
    }

    private static int Step(ByteNetwork network, int from, byte first, byte last)
    {
        var next = network.AddState();
        network.AddByte(from, first, last, next);
        return next;
    }

    private static byte[] Encode(int codePoint) => Encoding.UTF8.GetBytes(char.ConvertFromUtf32(codePoint));
}
