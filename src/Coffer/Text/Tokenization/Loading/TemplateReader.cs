using System.Text.Json;

namespace Coffer.Text;

/// <summary>Reads the post-processor of tokenizer.json.</summary>
/// <param name="find">Finds a token's number by its text.</param>
internal sealed class TemplateReader(Func<string, int?> find)
{
    public SequenceTemplate Read(JsonElement? element) => element is { } config ? Read(config, SequenceTemplate.Plain) : SequenceTemplate.Plain;

    /// <summary>A step of a sequence changes what the steps before it made.</summary>
    private SequenceTemplate Read(JsonElement config, SequenceTemplate before) => config.Text("type") switch
    {
        "Sequence" => config.List("processors").Aggregate(before, (template, step) => Read(step, template)),
        "TemplateProcessing" => before with { Single = [.. ReadItems(config, "single")], Pair = [.. ReadItems(config, "pair")] },
        "BertProcessing" => Bert(config, before),
        "RobertaProcessing" => Roberta(config, before),
        "ByteLevel" => before with { TrimsOffsets = config.Flag("trim_offsets", otherwise: true) },
        var type => throw HuggingFaceReader.Unknown("post-processor", type),
    };

    private IEnumerable<TemplateItem> ReadItems(JsonElement config, string name)
    {
        foreach (var item in config.List(name))
        {
            if (item.Member("Sequence") is { } text)
            {
                yield return TemplateItem.Text(text.RequiredText("id") == "B" ? 1 : 0, text.Number("type_id") ?? 0);
                continue;
            }

            var special = item.Member("SpecialToken") ?? throw TokenizerJson.Wrong(name, "a list of texts and special tokens");
            foreach (var id in SpecialIds(config, special.RequiredText("id")))
            {
                yield return TemplateItem.Token(id, special.Number("type_id") ?? 0);
            }
        }
    }

    private IEnumerable<int> SpecialIds(JsonElement config, string token)
    {
        if (config.Member("special_tokens")?.Member(token)?.Member("ids") is { ValueKind: JsonValueKind.Array } ids)
        {
            return [.. ids.EnumerateArray().Select(id => id.ValueKind == JsonValueKind.Number && id.TryGetInt32(out var number) && number >= 0 ? number : throw TokenizerJson.Wrong("ids", "a list of numbers"))];
        }

        return [find(token) ?? throw new TokenizerException(TokenizerError.MissingToken, $"The tokenizer's template uses the token '{TokenizerJson.Quote(token)}', which its vocabulary lacks. Correct the file.")];
    }

    private static SequenceTemplate Bert(JsonElement config, SequenceTemplate before)
    {
        var (sep, cls) = (ReadToken(config, "sep"), ReadToken(config, "cls"));
        return before with
        {
            Single = [TemplateItem.Token(cls, 0), TemplateItem.Text(0, 0), TemplateItem.Token(sep, 0)],
            Pair = [TemplateItem.Token(cls, 0), TemplateItem.Text(0, 0), TemplateItem.Token(sep, 0), TemplateItem.Text(1, 1), TemplateItem.Token(sep, 1)],
        };
    }

    private static SequenceTemplate Roberta(JsonElement config, SequenceTemplate before)
    {
        var (sep, cls) = (ReadToken(config, "sep"), ReadToken(config, "cls"));
        return before with
        {
            Single = [TemplateItem.Token(cls, 0), TemplateItem.Text(0, 0), TemplateItem.Token(sep, 0)],
            Pair = [TemplateItem.Token(cls, 0), TemplateItem.Text(0, 0), TemplateItem.Token(sep, 0), TemplateItem.Token(sep, 0), TemplateItem.Text(1, 0), TemplateItem.Token(sep, 0)],
            TrimsOffsets = config.Flag("trim_offsets", otherwise: true),
        };
    }

    /// <summary>A token and its number, as a list of two.</summary>
    private static int ReadToken(JsonElement config, string name)
    {
        var pair = config.List(name).ToArray();
        return pair.Length == 2 && pair[1].ValueKind == JsonValueKind.Number && pair[1].TryGetInt32(out var id) && id >= 0 ? id : throw TokenizerJson.Wrong(name, "a token and its number");
    }
}
