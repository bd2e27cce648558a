namespace Coffer.Tests.Signing;

/// <summary>
/// BER as a tree of bytes, read and written without the platform's reader and writer, so that it can write what those refuse:
/// long lengths, empty sets, values of any tag.
/// </summary>
internal sealed class DerNode
{
    private const byte Constructed = 0x20;

    public required byte Tag { get; set; }

    /// <summary>Of a constructed value; null for a primitive one.</summary>
    public List<DerNode>? Children { get; set; }

    /// <summary>Of a primitive value.</summary>
    public byte[] Content { get; set; } = [];

    /// <summary>Bytes that the length takes beyond the shortest form; -1 for the indefinite form.</summary>
    public int LengthExcess { get; set; }

    public static DerNode Parse(ReadOnlySpan<byte> der)
    {
        var node = Read(der, out var consumed);
        return consumed == der.Length ? node : throw new FormatException("Bytes follow the value.");
    }

    public byte[] Encode()
    {
        byte[] content = Children is null ? Content : [.. Children.SelectMany(child => child.Encode())];
        return LengthExcess < 0
            ? [Tag, 0x80, .. content, 0, 0]
            : [Tag, .. EncodeLength(content.Length), .. content];
    }

    /// <summary>This value and all below it, with the list that each is in; the outermost is in none.</summary>
    public IEnumerable<(DerNode Node, List<DerNode>? Siblings)> All(List<DerNode>? siblings = null)
    {
        yield return (this, siblings);
        foreach (var found in (Children ?? []).ToList().SelectMany(child => child.All(Children)))
        {
            yield return found;
        }
    }

    private static DerNode Read(ReadOnlySpan<byte> der, out int consumed)
    {
        var (length, header) = (der[1] & 0x7F, 2);
        if (der[1] >= 0x80)
        {
            header += length;
            length = 0;
            foreach (var b in der[2..header])
            {
                length = (length << 8) | b;
            }
        }

        var content = der.Slice(header, length);
        consumed = header + length;
        var node = new DerNode { Tag = der[0] };
        if ((der[0] & Constructed) == 0)
        {
            node.Content = content.ToArray();
            return node;
        }

        node.Children = [];
        while (!content.IsEmpty)
        {
            node.Children.Add(Read(content, out var child));
            content = content[child..];
        }

        return node;
    }

    private byte[] EncodeLength(int length)
    {
        if (length < 0x80 && LengthExcess == 0)
        {
            return [(byte)length];
        }

        var bytes = new List<byte>();
        for (var rest = length; rest > 0 || bytes.Count == 0; rest >>= 8)
        {
            bytes.Insert(0, (byte)rest);
        }

        // A length below 128 in the long form is an excess by itself.
        bytes.InsertRange(0, new byte[length < 0x80 ? Math.Max(LengthExcess - 1, 0) : LengthExcess]);
        return [(byte)(0x80 | bytes.Count), .. bytes];
    }
}
