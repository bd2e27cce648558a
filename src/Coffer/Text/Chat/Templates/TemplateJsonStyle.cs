namespace Coffer.Text.Templates;

/// <summary>How <c>tojson</c> writes.</summary>
internal sealed record TemplateJsonStyle(string? Indent, string ItemSeparator, string KeySeparator, bool EnsureAscii, bool SortKeys)
{
    public static TemplateJsonStyle From(TemplateArguments arguments, TemplateRun run)
    {
        // transformers/utils/chat_template_utils.py: def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False)
        var values = arguments.Bind(run, "tojson", "ensure_ascii", "indent", "separators", "sort_keys");
        var indent = values[1] switch
        {
            null => null,
            string text => text,
            long count and <= 64 => new string(' ', (int)Math.Max(count, 0)),
            var other when ReferenceEquals(other, TemplateArguments.Missing) => null,
            _ => throw run.Fail("tojson takes an indent of a text, or of up to 64 spaces."),
        };
        var (item, key) = values[2] switch
        {
            TemplateList { Items: [string first, string second] } => (first, second),
            null => (indent is null ? ", " : ",", ": "),
            var other when ReferenceEquals(other, TemplateArguments.Missing) => (indent is null ? ", " : ",", ": "),
            _ => throw run.Fail("tojson takes two separators, for items and for keys."),
        };
        return new(indent, item, key, IsSet(values[0]), IsSet(values[3]));
    }

    private static bool IsSet(object? value) => !ReferenceEquals(value, TemplateArguments.Missing) && TemplateValue.IsTrue(value);
}
