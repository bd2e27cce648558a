using System.Text.Json;

namespace Coffer.Text;

/// <summary>Reads a BPE model of tokenizer.json.</summary>
internal static class BpeReader
{
    public static BpeModel Read(JsonElement config)
    {
        var vocabulary = ModelReader.ReadVocabulary(config);
        var options = new BpeOptions
        {
            ContinuingSubwordPrefix = config.Text("continuing_subword_prefix") ?? string.Empty,
            EndOfWordSuffix = config.Text("end_of_word_suffix") ?? string.Empty,
            ByteFallback = config.Flag("byte_fallback", otherwise: false),
            FuseUnknown = config.Flag("fuse_unk", otherwise: false),
            IgnoreMerges = config.Flag("ignore_merges", otherwise: false),
        };
        return new(vocabulary, ReadMerges(config, vocabulary, options.ContinuingSubwordPrefix.Length), options)
        {
            UnknownId = config.Text("unk_token") is { Length: > 0 } ? ModelReader.FindUnknown(config, vocabulary) : null,
        };
    }

    /// <summary>Adds a merge to the table.</summary>
    /// <exception cref="TokenizerException">One of its tokens is not in the vocabulary.</exception>
    public static void AddMerge(PairTable merges, Vocabulary vocabulary, int rank, string left, string right, int prefixLength = 0)
    {
        var merged = string.Concat(left, right.AsSpan(Math.Min(prefixLength, right.Length)));
        if (!vocabulary.TryGetId(left, out var leftId) || !vocabulary.TryGetId(right, out var rightId) || !vocabulary.TryGetId(merged, out var mergedId))
        {
            throw new TokenizerException(TokenizerError.MissingToken, $"The tokenizer's merge {rank}, '{TokenizerJson.Quote(left)}' and '{TokenizerJson.Quote(right)}', has a token that is not in the vocabulary. The files don't belong together.");
        }

        merges.Add(leftId, rightId, rank, mergedId);
    }

    private static PairTable ReadMerges(JsonElement config, Vocabulary vocabulary, int prefixLength)
    {
        var list = config.List("merges");
        var merges = new PairTable(config.Member("merges")!.Value.GetArrayLength());
        var rank = 0;
        foreach (var merge in list)
        {
            var (left, right) = ReadMerge(merge);
            AddMerge(merges, vocabulary, rank++, left, right, prefixLength);
        }

        return merges;
    }

    /// <summary>Two tokens with a space between, or in a list.</summary>
    private static (string Left, string Right) ReadMerge(JsonElement merge)
    {
        if (merge.ValueKind == JsonValueKind.String)
        {
            var text = TokenizerJson.Decode(merge, "merges");
            var space = text.IndexOf(' ', StringComparison.Ordinal);
            return space >= 0 ? (text[..space], text[(space + 1)..]) : throw TokenizerJson.Wrong("merges", "a list of pairs");
        }

        return merge.ValueKind == JsonValueKind.Array && merge.GetArrayLength() == 2 && merge[0].ValueKind == JsonValueKind.String && merge[1].ValueKind == JsonValueKind.String
            ? (TokenizerJson.Decode(merge[0], "merges"), TokenizerJson.Decode(merge[1], "merges"))
            : throw TokenizerJson.Wrong("merges", "a list of pairs");
    }
}
