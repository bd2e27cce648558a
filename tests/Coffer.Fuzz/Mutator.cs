using System.Buffers.Binary;
using System.Text;
using Coffer.Bundles;
using Coffer.Tests.Signing;

namespace Coffer.Fuzz;

/// <summary>
/// Makes inputs from seeds. Knows the structures that Coffer reads, so that most inputs get past the first check: JSON, DER, base64url parts
/// between dots, and a bundle's header, whose lengths are set right again after its manifest changed.
/// </summary>
internal sealed class Mutator(Random random, IReadOnlyList<byte[]> seeds)
{
    private const int MaxLength = 1 << 20;

    private static readonly string[] Values =
    [
        "null", "true", "[]", "{}", "\"\"", "0", "-1", "1.5", "1e999", "9007199254740991", "9007199254740992", "9223372036854775807", "18446744073709551616",
        "\"\\ud800\"", "\"\\u0000\"", "\"../x\"", "[[[[[[[[[[]]]]]]]]]]", "\"*\"", "\"Ä\"", "253402300800", "4294967296",
    ];

    private static readonly byte[] Interesting = [0x00, 0x01, 0x7F, 0x80, 0xFF, (byte)'"', (byte)'{', (byte)'}', (byte)'[', (byte)']', (byte)',', (byte)':', (byte)'\\', (byte)'.', (byte)'\n', 0x30, 0x05, 0xC3, 0xED];

    public byte[] Next()
    {
        var input = seeds[random.Next(seeds.Count)];
        for (var times = random.Next(1, 5); times > 0; times--)
        {
            input = Mutate(input, depth: 0);
        }

        return input.Length <= MaxLength ? input : input[..MaxLength];
    }

    private byte[] Mutate(byte[] input, int depth)
    {
        if (input.Length == 0 || random.Next(4) == 0)
        {
            return Bytes(input);
        }

        return input[0] switch
        {
            (byte)'{' => Json(input),
            0x30 => Der(input),
            0x89 => Bundle(input),
            _ when depth < 2 && input.AsSpan().Count((byte)'.') is >= 2 and <= 4 => Token(input, depth),
            _ => Bytes(input),
        };
    }

    private byte[] Bytes(byte[] input)
    {
        var at = Position(input);
        var end = Math.Min(input.Length, at + random.Next(1, 1 + (1 << random.Next(8))));
        byte[] copy = [.. input];
        switch (random.Next(8))
        {
            case 0 when at < input.Length:
                copy[at] ^= (byte)(1 << random.Next(8));
                return copy;
            case 1 when at < input.Length:
                copy[at] = Interesting[random.Next(Interesting.Length)];
                return copy;
            case 2:
                return [.. input[..at], Interesting[random.Next(Interesting.Length)], .. input[at..]];
            case 3:
                return [.. input[..at], .. input[end..]];
            case 4:
                return [.. input[..end], .. input[at..]];
            case 5:
                var other = seeds[random.Next(seeds.Count)];
                return [.. input[..at], .. other[Math.Min(at, other.Length)..]];
            case 6:
                return input[..at];
            default:
                return Number(copy, at);
        }
    }

    private byte[] Number(byte[] copy, int at)
    {
        ulong[] values = [0, 1, int.MaxValue, uint.MaxValue, long.MaxValue, ulong.MaxValue, 0x80000000, 1UL << 40];
        var value = values[random.Next(values.Length)];
        if (at + sizeof(ulong) <= copy.Length)
        {
            if (random.Next(2) == 0)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(copy.AsSpan(at), value);
            }
            else
            {
                BinaryPrimitives.WriteUInt32LittleEndian(copy.AsSpan(at), (uint)value);
            }
        }

        return copy;
    }

    // A bundle is mostly zeros: those are passed over as a rule.
    private int Position(byte[] input)
    {
        var at = random.Next(input.Length + 1);
        for (var i = 0; i < 8 && at < input.Length && input[at] == 0; i++)
        {
            at = random.Next(input.Length + 1);
        }

        return at;
    }

    // A token of JSON is replaced, removed, doubled or moved.
    private byte[] Json(byte[] input)
    {
        var tokens = Tokens(input);
        if (tokens.Count < 2)
        {
            return Bytes(input);
        }

        var (start, end) = tokens[random.Next(tokens.Count)];
        var (otherStart, otherEnd) = tokens[random.Next(tokens.Count)];
        byte[] by = random.Next(3) switch
        {
            0 => Encoding.UTF8.GetBytes(Values[random.Next(Values.Length)]),
            1 => input[otherStart..otherEnd],
            _ => random.Next(2) == 0 ? [] : [.. input[start..end], (byte)',', .. input[start..end]],
        };
        return [.. input[..start], .. by, .. input[end..]];
    }

    // Strings, runs of other characters, and whole objects and lists.
    private static List<(int Start, int End)> Tokens(byte[] json)
    {
        var (tokens, open) = (new List<(int, int)>(), new Stack<int>());
        for (var i = 0; i < json.Length; i++)
        {
            var start = i;
            switch (json[i])
            {
                case (byte)'"':
                    for (i++; i < json.Length && json[i] != '"'; i++)
                    {
                        i += json[i] == '\\' ? 1 : 0;
                    }

                    tokens.Add((start, Math.Min(i + 1, json.Length)));
                    break;
                case (byte)'{' or (byte)'[':
                    open.Push(i);
                    break;
                case (byte)'}' or (byte)']' when open.Count > 1:
                    tokens.Add((open.Pop(), i + 1));
                    break;
                case >= (byte)'0' and <= (byte)'9':
                    while (i + 1 < json.Length && json[i + 1] is >= (byte)'0' and <= (byte)'9')
                    {
                        i++;
                    }

                    tokens.Add((start, i + 1));
                    break;
                default:
                    break;
            }
        }

        return tokens;
    }

    // A value of the tree is edited; the lengths around it follow.
    private byte[] Der(byte[] input)
    {
        DerNode root;
        try
        {
            root = DerNode.Parse(input);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or IndexOutOfRangeException)
        {
            return Bytes(input);
        }

        var all = root.All().ToList();
        var (node, siblings) = all[random.Next(all.Count)];
        var (other, _) = all[random.Next(all.Count)];
        switch (random.Next(9))
        {
            case 0:
                siblings?.Remove(node);
                break;
            case 1:
                siblings?.Insert(siblings.IndexOf(node), node);
                break;
            case 2:
                siblings?.Insert(siblings.IndexOf(node), new DerNode { Tag = (byte)random.Next(256), Content = [1, 2] });
                break;
            case 3:
                node.Tag = Interesting[random.Next(Interesting.Length)];
                break;
            case 4:
                node.LengthExcess = random.Next(-1, 4);
                break;
            case 5 when siblings is not null:
                siblings[siblings.IndexOf(node)] = DerNode.Parse(other.Encode());
                break;
            case 6:
                node.Children?.Clear();
                node.Content = [];
                break;
            default:
                if (node.Children is null)
                {
                    node.Content = Bytes(node.Content);
                }

                break;
        }

        return root.Encode();
    }

    private byte[] Token(byte[] input, int depth)
    {
        var parts = Encoding.Latin1.GetString(input).Split('.');
        var which = random.Next(parts.Length);
        try
        {
            parts[which] = Base64UrlStrict.Encode(Mutate(Base64UrlStrict.Decode(parts[which].TrimEnd('\n')), depth + 1));
        }
        catch (FormatException)
        {
            return Bytes(input);
        }

        return Encoding.Latin1.GetBytes(string.Join('.', parts));
    }

    private byte[] Bundle(byte[] input)
    {
        if (input.Length < BundleHeader.Size + 2)
        {
            return Bytes(input);
        }

        var length = BinaryPrimitives.ReadUInt32LittleEndian(input.AsSpan(12));
        if (random.Next(2) == 0 || length > input.Length - BundleHeader.Size)
        {
            return Bytes(input);
        }

        var end = BundleHeader.Size + (int)length;
        var manifest = Json(input[BundleHeader.Size..end]);
        byte[] bundle = [.. input[..BundleHeader.Size], .. manifest, .. input[end..]];
        BinaryPrimitives.WriteUInt32LittleEndian(bundle.AsSpan(12), (uint)manifest.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(bundle.AsSpan(24), (ulong)bundle.Length);
        return bundle;
    }
}
