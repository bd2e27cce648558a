using System.Text;

namespace Coffer.Text;

/// <summary>Reads tokenizers from the files that came before tokenizer.json.</summary>
internal static class VocabularyFiles
{
    /// <summary>vocab.txt of BERT: a token a line.</summary>
    public static TokenizerParts ReadWordPiece(ReadOnlyMemory<byte> vocab, bool lowercase)
    {
        var vocabulary = new Vocabulary();
        foreach (var line in Lines(vocab))
        {
            vocabulary.Set(line, vocabulary.Size);
        }

        var names = (string[])["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
        var (unknown, cls, sep) = (Find("[UNK]"), Find("[CLS]"), Find("[SEP]"));
        return new(new WordPieceModel(vocabulary, "##", 100) { UnknownId = unknown })
        {
            Normalizer = new BertNormalizer(cleanText: true, spaceChinese: true, lowercase, stripAccents: lowercase),
            PreTokenizer = new BertPreTokenizer(),
            Template = new(
                [TemplateItem.Token(cls, 0), TemplateItem.Text(0, 0), TemplateItem.Token(sep, 0)],
                [TemplateItem.Token(cls, 0), TemplateItem.Text(0, 0), TemplateItem.Token(sep, 0), TemplateItem.Text(1, 1), TemplateItem.Token(sep, 1)]),
            Decoder = new WordPieceDecoder("##", cleanUp: true),
            AddedTokens = [.. names.Where(n => vocabulary.TryGetId(n, out _)).Select(n => new AddedToken(Find(n), n) { IsSpecial = true })],
        };

        int Find(string token) => vocabulary.TryGetId(token, out var id) ? id
            : throw new TokenizerException(TokenizerError.MissingToken, $"vocab.txt has no '{token}'. It is not BERT's; give tokenizer.json instead.");
    }

    /// <summary>vocab.json and merges.txt of GPT-2.</summary>
    public static TokenizerParts ReadByteLevelBpe(ReadOnlyMemory<byte> vocab, ReadOnlyMemory<byte> merges)
    {
        using var document = TokenizerJson.Open(vocab, "vocab.json");
        var vocabulary = ModelReader.ReadTokens(document.RootElement);
        var lines = Lines(merges).Where(l => l.Length > 0 && !l.StartsWith("#version", StringComparison.Ordinal)).ToList();
        var table = new PairTable(lines.Count);
        for (var rank = 0; rank < lines.Count; rank++)
        {
            var space = lines[rank].IndexOf(' ', StringComparison.Ordinal);
            if (space < 0)
            {
                throw new TokenizerException(TokenizerError.Malformed, $"Line {rank + 1} of merges.txt is not two tokens. Correct the file.");
            }

            BpeReader.AddMerge(table, vocabulary, rank, lines[rank][..space], lines[rank][(space + 1)..]);
        }

        var end = vocabulary.TryGetId("<|endoftext|>", out var id) ? new AddedToken(id, "<|endoftext|>") { IsSpecial = true } : null;
        return new(new BpeModel(vocabulary, table, new()))
        {
            PreTokenizer = new PreTokenizerSequence([new PatternPreTokenizer(Gpt2Matcher.Instance, SplitBehavior.Isolated), ByteLevelEncoder.Instance]),
            Template = SequenceTemplate.Plain with { TrimsOffsets = true },
            Decoder = new ByteLevelDecoder(),
            AddedTokens = end is null ? [] : [end],
        };
    }

    private static IEnumerable<string> Lines(ReadOnlyMemory<byte> file)
    {
        var text = Encoding.UTF8.GetString(file.Span);
        var lines = text.Split('\n');
        return lines.Take(text.EndsWith('\n') ? lines.Length - 1 : lines.Length).Select(l => l.TrimEnd('\r'));
    }
}
