namespace Coffer.Text;

/// <summary>
/// Makes a tokenizer of a SentencePiece .model, Unigram or BPE. As in transformers, control and user-defined pieces also match where they stand in a
/// text; SentencePiece itself matches user-defined ones only.
/// </summary>
internal static class SentencePieceReader
{
    private const char VisibleSpace = '\u2581';

    /// <exception cref="TokenizerException">The file is malformed, or of a kind that is not supported.</exception>
    public static TokenizerParts Read(ReadOnlySpan<byte> file, TokenizerSettings settings)
    {
        var model = SentencePieceModel.Read(file);
        if (model.Pieces.Count == 0)
        {
            throw new TokenizerException(TokenizerError.MissingVocabulary, "The SentencePiece model has no pieces. Give the file that came with the model.");
        }

        if (model.PutsSpaceLast || !model.EscapesSpaces)
        {
            throw new TokenizerException(TokenizerError.UnsupportedSetting, "The SentencePiece model treats white space as a suffix, or leaves it unescaped, which this version of Coffer does not read. Use a newer version, or give tokenizer.json.");
        }

        var vocabulary = new Vocabulary(model.Pieces.Count);
        for (var id = 0; id < model.Pieces.Count; id++)
        {
            vocabulary.Set(model.Pieces[id].Text, id);
        }

        return new(MakeModel(model, vocabulary))
        {
            Normalizer = new NormalizerSequence([.. Normalizers(model)]),
            Template = MakeTemplate(model, settings),
            Decoder = new DecoderSequence([.. Decoders(model)]),
            AddedTokens = [.. AddedTokens(model)],
        };
    }

    private static TokenModel MakeModel(SentencePieceModel model, Vocabulary vocabulary)
    {
        var unknown = model.Pieces.ToList().FindIndex(p => p.Type == SentencePieceModel.Unknown);
        if (unknown < 0)
        {
            throw new TokenizerException(TokenizerError.MissingToken, "The SentencePiece model has no unknown piece. Give the file that came with the model.");
        }

        return model.ModelType switch
        {
            SentencePieceModel.Unigram => new UnigramModel(vocabulary, [.. model.Pieces.Select(p => (double)p.Score)], unknown, model.HasByteFallback, id => model.Pieces[id].Type is SentencePieceModel.Normal or SentencePieceModel.UserDefined),
            SentencePieceModel.Bpe => new BpeModel(vocabulary, Merges(model, vocabulary), new() { ByteFallback = model.HasByteFallback, FuseUnknown = true }) { UnknownId = unknown },
            var type => throw new TokenizerException(TokenizerError.UnsupportedSetting, $"The SentencePiece model is of type {type}; Unigram (1) and BPE (2) are supported. Give tokenizer.json instead."),
        };
    }

    /// <summary>SentencePiece's BPE merges the neighbours that make the piece of the highest score: every way to cut a piece in two is a merge.</summary>
    private static PairTable Merges(SentencePieceModel model, Vocabulary vocabulary)
    {
        var merges = new List<(int Left, int Right, int Merged)>();
        for (var id = 0; id < model.Pieces.Count; id++)
        {
            var (text, _, type) = model.Pieces[id];
            for (var cut = 1; cut < text.Length && type == SentencePieceModel.Normal; cut++)
            {
                if (vocabulary.TryGetId(text.AsSpan(0, cut), out var left) && vocabulary.TryGetId(text.AsSpan(cut), out var right))
                {
                    merges.Add((left, right, id));
                }
            }
        }

        var ranks = model.Pieces.Select(p => p.Score).Distinct().OrderDescending().Select((score, rank) => (score, rank)).ToDictionary(p => p.score, p => p.rank);
        var table = new PairTable(merges.Count);
        foreach (var (left, right, merged) in merges)
        {
            table.Add(left, right, ranks[model.Pieces[merged].Score], merged);
        }

        return table;
    }

    private static IEnumerable<Normalizer> Normalizers(SentencePieceModel model)
    {
        if (model.CharsMap.Length > 0)
        {
            yield return new CharsMapNormalizer(model.CharsMap);
        }

        if (model.RemovesExtraSpaces)
        {
            yield return new ReplaceNormalizer(new RegexMatcher(" {2,}"), " ");
            yield return new ReplaceNormalizer(new RegexMatcher(@"\A | \z"), string.Empty);
        }

        if (model.AddsDummyPrefix)
        {
            yield return new PrependNormalizer(VisibleSpace.ToString());
        }

        yield return new ReplaceNormalizer(new LiteralMatcher(" "), VisibleSpace.ToString());
    }

    private static IEnumerable<TokenDecoder> Decoders(SentencePieceModel model)
    {
        yield return MappingDecoder.Replace(new LiteralMatcher(VisibleSpace.ToString()), " ");
        yield return new ByteFallbackDecoder();
        yield return new FuseDecoder();
        if (model.AddsDummyPrefix)
        {
            yield return MappingDecoder.Strip(' ', 1, 0);
        }
    }

    private static SequenceTemplate MakeTemplate(SentencePieceModel model, TokenizerSettings settings)
    {
        TemplateItem[] begin = settings.AddsBeginToken && model.BeginId >= 0 ? [TemplateItem.Token(model.BeginId, 0)] : [];
        TemplateItem[] end = settings.AddsEndToken && model.EndId >= 0 ? [TemplateItem.Token(model.EndId, 0)] : [];
        return new([.. begin, TemplateItem.Text(0, 0), .. end], [.. begin, TemplateItem.Text(0, 0), .. end, .. begin, TemplateItem.Text(1, 0), .. end]);
    }

    private static IEnumerable<AddedToken> AddedTokens(SentencePieceModel model)
    {
        for (var id = 0; id < model.Pieces.Count; id++)
        {
            var (text, _, type) = model.Pieces[id];
            if (text.Length > 0 && type is SentencePieceModel.Unknown or SentencePieceModel.Control or SentencePieceModel.UserDefined)
            {
                yield return new(id, text) { IsSpecial = type != SentencePieceModel.UserDefined };
            }
        }
    }
}
