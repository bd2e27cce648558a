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
}
