using System.Text.Json;

namespace Coffer.Text;

/// <summary>Reads the pre-tokenizer of tokenizer.json.</summary>
internal static class PreTokenizerReader
{
    public static PreTokenizer? Read(JsonElement? element) => element is { } config ? Read(config) : null;

    private static PreTokenizer Read(JsonElement config) => config.Text("type") switch
    {
        "Sequence" => new PreTokenizerSequence([.. config.List("pretokenizers").Select(Read)]),
        "BertPreTokenizer" => new BertPreTokenizer(),
        "ByteLevel" => ReadByteLevel(config),
        "WhitespaceSplit" => new WhitespaceSplit(),
        "Whitespace" => new PatternPreTokenizer(new WordRunMatcher(), SplitBehavior.Removed, invert: true),
        "Punctuation" => new KindPreTokenizer(CodePointClass.IsPunctuation, ReadBehavior(config)),
        "Digits" => new KindPreTokenizer(CodePointClass.IsNumber, config.Flag("individual_digits", otherwise: false) ? SplitBehavior.Isolated : SplitBehavior.Contiguous),
        "UnicodeScripts" => new ScriptPreTokenizer(),
        "Metaspace" => ReadMetaspace(config),
        "Split" => ReadSplit(config),
        var type => throw HuggingFaceReader.Unknown("pre-tokenizer", type),
    };

    private static PreTokenizerSequence ReadByteLevel(JsonElement config)
    {
        var steps = new List<PreTokenizer>();
        if (config.Flag("add_prefix_space", otherwise: true))
        {
            steps.Add(PrefixSpace.Instance);
        }

        if (config.Flag("use_regex", otherwise: true))
        {
            steps.Add(new PatternPreTokenizer(Gpt2Matcher.Instance, SplitBehavior.Isolated));
        }

        steps.Add(ByteLevelEncoder.Instance);
        return new([.. steps]);
    }

    private static MetaspacePreTokenizer ReadMetaspace(JsonElement config)
    {
        // Files of older versions have add_prefix_space, and never split.
        var prepend = config.Text("prepend_scheme") switch
        {
            null => config.Flag("add_prefix_space", otherwise: true) ? MetaspacePrepend.Always : MetaspacePrepend.Never,
            "always" => MetaspacePrepend.Always,
            "first" => MetaspacePrepend.First,
            "never" => MetaspacePrepend.Never,
            _ => throw TokenizerJson.Wrong("prepend_scheme", "'always', 'first' or 'never'"),
        };
        return new(ReadReplacement(config), prepend, config.Flag("split", otherwise: true));
    }

    /// <summary>The character that stands for a space.</summary>
    public static char ReadReplacement(JsonElement config) =>
        (config.Text("replacement") ?? "\u2581") is { Length: 1 } text ? text[0] : throw TokenizerJson.Wrong("replacement", "one character");

    private static PatternPreTokenizer ReadSplit(JsonElement config)
    {
        var invert = config.Flag("invert", otherwise: false);
        var behavior = ReadBehavior(config);
        return new(PatternReader.Read(config), behavior, invert);
    }

    private static SplitBehavior ReadBehavior(JsonElement config) => config.Text("behavior") switch
    {
        null or "Isolated" => SplitBehavior.Isolated,
        "Removed" => SplitBehavior.Removed,
        "MergedWithPrevious" => SplitBehavior.MergedWithPrevious,
        "MergedWithNext" => SplitBehavior.MergedWithNext,
        "Contiguous" => SplitBehavior.Contiguous,
        _ => throw TokenizerJson.Wrong("behavior", "one that is known"),
    };
}
