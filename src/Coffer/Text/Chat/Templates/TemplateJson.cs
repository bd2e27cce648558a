using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Coffer.Text.Templates;

/// <summary>Values from JSON, and the JSON of <c>tojson</c>: Python's <c>json.dumps</c> as transformers calls it, without escapes for HTML.</summary>
internal static class TemplateJson
{
    /// <exception cref="TextTemplateException">A text in it holds half a surrogate pair, or a name stands twice (<see cref="TextTemplateError.InvalidOperation"/>).</exception>
    public static object? Read(JsonElement element)
    {
        try
        {
            return element.ValueKind switch
            {
                JsonValueKind.Object => ReadMap(element),
                JsonValueKind.Array => new TemplateList([.. element.EnumerateArray().Select(Read)]),
                JsonValueKind.String => element.GetString(),
                JsonValueKind.Number => element.GetRawText().AsSpan().IndexOfAny('.', 'e', 'E') < 0 && element.TryGetInt64(out var integer) ? integer : (object)element.GetDouble(),
                JsonValueKind.True => true,
                JsonValueKind.False => false,
                _ => null,
            };
        }
        catch (InvalidOperationException e)
        {
            throw new TextTemplateException(TextTemplateError.InvalidOperation, "JSON given to a chat template holds text that is not valid: half of a surrogate pair. Correct it.", e);
        }
    }

    private static TemplateMap ReadMap(JsonElement element)
    {
        var map = new TemplateMap();
        foreach (var member in element.EnumerateObject())
        {
            map[member.Name] = Read(member.Value);
        }

        return map;
    }

    public static string Write(object? value, TemplateJsonStyle style, TemplateRun run)
    {
        var text = new StringBuilder();
        Append(text, value, style, 0, run);
        return text.ToString();
    }

    private static void Append(StringBuilder text, object? value, TemplateJsonStyle style, int depth, TemplateRun run)
    {
        run.Step();
        var before = text.Length;
        switch (value)
        {
            case string quoted:
                AppendQuoted(text, quoted, style.EnsureAscii);
                break;
            case TemplateList list:
                AppendBlock(text, '[', ']', list.Items, (item, level) => Append(text, item, style, level, run), style, depth, run);
                break;
            case TemplateMap map:
                var entries = map.Entries.AsEnumerable();
                entries = style.SortKeys ? entries.OrderBy(entry => entry.Key, Comparer<object>.Create((a, b) => TemplateValue.Compare(a, b, run))) : entries;
                AppendBlock(text, '{', '}', [.. entries], (entry, level) => AppendEntry(text, entry, style, level, run), style, depth, run);
                break;
            default:
                text.Append(value switch
                {
                    null => "null",
                    bool flag => flag ? "true" : "false",
                    long number => number.ToString(CultureInfo.InvariantCulture),
                    double number when double.IsFinite(number) => PythonText.Float(number),
                    double number => double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity",
                    _ => throw run.Fail($"{TemplateValue.TypeOf(value)} has no JSON."),
                });
                break;
        }

        run.Reserve(text.Length - before);
    }

    private static void AppendEntry(StringBuilder text, KeyValuePair<object, object?> entry, TemplateJsonStyle style, int depth, TemplateRun run)
    {
        AppendQuoted(text, entry.Key as string ?? ((long)entry.Key).ToString(CultureInfo.InvariantCulture), style.EnsureAscii);
        text.Append(style.KeySeparator);
        Append(text, entry.Value, style, depth, run);
    }

    private static void AppendBlock<T>(StringBuilder text, char open, char close, IReadOnlyList<T> items, Action<T, int> append, TemplateJsonStyle style, int depth, TemplateRun run)
    {
        text.Append(open);
        for (var i = 0; i < items.Count; i++)
        {
            text.Append(i == 0 ? "" : style.ItemSeparator);
            AppendLine(text, style, depth + 1, run);
            append(items[i], depth + 1);
        }

        if (items.Count > 0)
        {
            AppendLine(text, style, depth, run);
        }

        text.Append(close);
    }

    private static void AppendLine(StringBuilder text, TemplateJsonStyle style, int depth, TemplateRun run)
    {
        if (style.Indent is { } indent)
        {
            run.Reserve((long)indent.Length * depth);
            text.Append('\n');
            for (var i = 0; i < depth; i++)
            {
                text.Append(indent);
            }
        }
    }

    private static void AppendQuoted(StringBuilder text, string value, bool ensureAscii)
    {
        text.Append('"');
        foreach (var c in value)
        {
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '\f' => text.Append("\\f"),
                '\b' => text.Append("\\b"),
                < ' ' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                > '~' when ensureAscii => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => text.Append(c),
            };
        }

        text.Append('"');
    }
}
