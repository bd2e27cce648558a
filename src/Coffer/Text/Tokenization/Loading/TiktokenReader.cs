using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Coffer.Text;

/// <summary>
/// Makes a tokenizer of a .tiktoken file, as OpenAI's tiktoken has them: a token's bytes in base64 and its rank on each line. The file's name says
/// the pattern and the special tokens, which the file lacks.
/// </summary>
internal static class TiktokenReader
{
    private const int MaxTokens = 1 << 20;

    // tiktoken_ext/openai_public.py of github.com/openai/tiktoken.
    private const string Cl100k = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string O200k = @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    // github.com/QwenLM/Qwen, tokenization_qwen.py.
    private const string Qwen = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private static readonly (string Name, string Pattern, (int Id, string Text)[] Special)[] Known =
    [
        ("cl100k_base", Cl100k, [(100257, "<|endoftext|>"), (100258, "<|fim_prefix|>"), (100259, "<|fim_middle|>"), (100260, "<|fim_suffix|>"), (100276, "<|endofprompt|>")]),
        ("o200k_base", O200k, [(199999, "<|endoftext|>"), (200018, "<|endofprompt|>")]),
        ("r50k_base", Gpt2, [(50256, "<|endoftext|>")]),
        ("p50k_base", Gpt2, [(50256, "<|endoftext|>")]),
        ("qwen", Qwen, []),
    ];

    /// <exception cref="TokenizerException">The file is malformed, or has a name that does not say its pattern.</exception>
    public static TokenizerParts Read(ReadOnlySpan<byte> file, string name)
    {
        var stem = Path.GetFileNameWithoutExtension(name);
        var (_, pattern, special) = Array.Find(Known, k => k.Name == stem);
        if (pattern is null)
        {
            throw new TokenizerException(TokenizerError.UnsupportedSetting, $"'{TokenizerJson.Quote(name)}' does not say which pattern splits text; known are {string.Join(", ", Known.Select(k => k.Name + ".tiktoken"))}. Give tokenizer.json instead.");
        }

        var vocabulary = ReadVocabulary(file, name);
        return new(new BpeModel(vocabulary, Merges(vocabulary), new() { IgnoreMerges = true }))
        {
            PreTokenizer = new PreTokenizerSequence([new PatternPreTokenizer(new RegexMatcher(pattern), SplitBehavior.Isolated), ByteLevelEncoder.Instance]),
            Decoder = new ByteLevelDecoder(),
            AddedTokens = [.. special.Select(t => new AddedToken(t.Id, t.Text) { IsSpecial = true })],
        };
    }

    private static Vocabulary ReadVocabulary(ReadOnlySpan<byte> file, string name)
    {
        var vocabulary = new Vocabulary();
        var number = 0;
        foreach (var range in file.Split((byte)'\n'))
        {
            number++;
            var line = file[range].TrimEnd("\r "u8);
            if (line.IsEmpty)
            {
                continue;
            }

            var space = line.IndexOf((byte)' ');
            if (space <= 0 || !int.TryParse(line[(space + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var rank) || rank >= MaxTokens || !TryReadToken(line[..space], out var token))
            {
                throw new TokenizerException(TokenizerError.Malformed, $"Line {number} of '{TokenizerJson.Quote(name)}' is not a token in base64 and a rank. Give the file that came with the model.");
            }

            vocabulary.Set(token, rank);
        }

        return vocabulary.Count > 0 ? vocabulary : throw new TokenizerException(TokenizerError.MissingVocabulary, $"'{TokenizerJson.Quote(name)}' has no tokens. Give the file that came with the model.");
    }

    /// <summary>A token's bytes in GPT-2's alphabet.</summary>
    private static bool TryReadToken(ReadOnlySpan<byte> base64, out string token)
    {
        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(base64.Length)];
        var isRead = Base64.DecodeFromUtf8(base64, bytes, out _, out var written) == System.Buffers.OperationStatus.Done;
        var text = new StringBuilder(written);
        foreach (var value in bytes.AsSpan(0, written))
        {
            text.Append(ByteAlphabet.CharacterOf(value));
        }

        token = text.ToString();
        return isRead && written > 0;
    }

    /// <summary>tiktoken merges the neighbours that make the token of the lowest rank: every way to cut a token in two is a merge.</summary>
    private static PairTable Merges(Vocabulary vocabulary)
    {
        var merges = new List<(int Left, int Right, int Merged)>();
        for (var id = 0; id < vocabulary.Size; id++)
        {
            _ = vocabulary.TryGetToken(id, out var token);
            for (var cut = 1; cut < token?.Length; cut++)
            {
                if (vocabulary.TryGetId(token.AsSpan(0, cut), out var left) && vocabulary.TryGetId(token.AsSpan(cut), out var right))
                {
                    merges.Add((left, right, id));
                }
            }
        }

        var table = new PairTable(merges.Count);
        foreach (var (left, right, merged) in merges)
        {
            table.Add(left, right, merged, merged);
        }

        return table;
    }
}
