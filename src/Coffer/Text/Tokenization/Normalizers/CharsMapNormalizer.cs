using System.Buffers.Binary;
using System.Text;

namespace Coffer.Text;

/// <summary>
/// SentencePiece's precompiled map: a double-array trie (Darts-clone) over UTF-8, then the replacements, each ended by a zero byte. The longest
/// match is replaced; what has none stays.
/// </summary>
internal sealed class CharsMapNormalizer : Normalizer
{
    private readonly uint[] _trie;
    private readonly byte[] _replacements;

    public CharsMapNormalizer(ReadOnlySpan<byte> charsMap)
    {
        var size = charsMap.Length >= 4 ? BinaryPrimitives.ReadUInt32LittleEndian(charsMap) : 0;
        if (size == 0 || size % 4 != 0 || size > charsMap.Length - 4)
        {
            throw new TokenizerException(TokenizerError.Malformed, "The tokenizer's 'precompiled_charsmap' is cut off. Correct the file.");
        }

        _trie = new uint[size / 4];
        for (var i = 0; i < _trie.Length; i++)
        {
            _trie[i] = BinaryPrimitives.ReadUInt32LittleEndian(charsMap[(4 + (4 * i))..]);
        }

        _replacements = charsMap[(4 + (int)size)..].ToArray();
    }

    public override void Normalize(TokenizerWorkspace workspace)
    {
        var input = workspace.Text;
        var output = workspace.BeginText();
        for (var i = 0; i < input.Length;)
        {
            var length = FindLongest(input, i, out var replacement);
            if (length > 0)
            {
                Append(replacement, output, input.Starts[i], input.Ends[i + length - 1]);
            }
            else
            {
                _ = input.CodePointAt(i, out length);
                output.Append(input, i, i + length);
            }

            i += length;
        }

        workspace.CommitText();
    }

    private int FindLongest(TextBuffer input, int start, out int replacement)
    {
        Span<byte> bytes = stackalloc byte[4];
        var longest = 0;
        replacement = 0;
        var node = Offset(_trie[0]);
        for (var i = start; i < input.Length;)
        {
            var count = new Rune(input.CodePointAt(i, out var units)).EncodeToUtf8(bytes);
            i += units;
            foreach (var value in bytes[..count])
            {
                node ^= value;
                if (node >= _trie.Length || (_trie[node] & 0x800000FF) != value)
                {
                    return longest;
                }

                var unit = _trie[node];
                node ^= Offset(unit);
                if ((unit & 0x100) != 0 && node < _trie.Length)
                {
                    (longest, replacement) = (i - start, (int)(_trie[node] & 0x7FFFFFFF));
                }
            }
        }

        return longest;
    }

    private void Append(int replacement, TextBuffer output, int start, int end)
    {
        var rest = replacement < _replacements.Length ? _replacements.AsSpan(replacement) : [];
        var zero = rest.IndexOf((byte)0);
        rest = zero < 0 ? rest : rest[..zero];
        while (!rest.IsEmpty)
        {
            Rune.DecodeFromUtf8(rest, out var rune, out var consumed);
            output.Append(rune.Value, start, end);
            rest = rest[consumed..];
        }
    }

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & 0x200) >> 6);
}
