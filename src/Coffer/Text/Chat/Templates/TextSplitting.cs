using System.Buffers;

namespace Coffer.Text.Templates;

/// <summary>Python's ways of cutting a text.</summary>
internal static class TextSplitting
{
    private static readonly SearchValues<char> LineEnds = SearchValues.Create("\n\r\v\f\u001C\u001D\u001E\u0085\u2028\u2029");

    public static object Split(string text, TemplateArguments arguments, TemplateRun run, bool fromEnd)
    {
        var values = arguments.Bind(run, "split", "sep", "maxsplit");
        var limit = values[1] as long? ?? -1;
        run.Step(text.Length / 16);
        run.Reserve(text.Length);
        var parts = values[0] switch
        {
            string { Length: 0 } => throw run.Fail("a text can't be split at an empty text."),
            string separator => AtSeparator(text, separator, limit, fromEnd),
            _ => AtWhiteSpace(text, limit, fromEnd),
        };
        run.Step(parts.Count);
        return new TemplateList(parts);
    }

    public static object Lines(string text, TemplateArguments arguments, TemplateRun run)
    {
        var keep = arguments.Bind(run, "splitlines", "keepends")[0] is var flag && !ReferenceEquals(flag, TemplateArguments.Missing) && TemplateValue.IsTrue(flag);
        var lines = new List<object?>();
        run.Reserve(text.Length);
        for (var at = 0; at < text.Length;)
        {
            var end = text.AsSpan(at).IndexOfAny(LineEnds) is var length and >= 0 ? at + length : text.Length;
            var next = end == text.Length ? end : text[end] == '\r' && end + 1 < text.Length && text[end + 1] == '\n' ? end + 2 : end + 1;
            lines.Add(text[at..(keep ? next : end)]);
            at = next;
        }

        run.Step(lines.Count);
        return new TemplateList(lines);
    }

    public static object Partition(string text, TemplateArguments arguments, TemplateRun run)
    {
        if (arguments.Bind(run, "partition", "sep")[0] is not string { Length: > 0 } separator)
        {
            throw run.Fail("partition takes a text that is not empty.");
        }

        run.Reserve(text.Length);
        var at = text.IndexOf(separator, StringComparison.Ordinal);
        return new TemplateList(at < 0 ? [text, "", ""] : [text[..at], separator, text[(at + separator.Length)..]], isTuple: true);
    }

    private static List<object?> AtSeparator(string text, string separator, long limit, bool fromEnd)
    {
        var parts = text.Split(separator).ToList();
        if (limit >= 0 && parts.Count - 1 > limit)
        {
            var joined = parts.Count - (int)limit;
            var rest = string.Join(separator, fromEnd ? parts.Take(joined) : parts.Skip((int)limit));
            parts = fromEnd ? [rest, .. parts.Skip(joined)] : [.. parts.Take((int)limit), rest];
        }

        return [.. parts];
    }

    private static List<object?> AtWhiteSpace(string text, long limit, bool fromEnd)
    {
        var parts = new List<object?>();
        var rest = fromEnd ? PythonString.TrimEnd(text).AsMemory() : PythonString.TrimStart(text).AsMemory();
        while (rest.Length > 0)
        {
            var at = fromEnd ? rest.Span.LastIndexOfAny(PythonString.WhiteSpace) : rest.Span.IndexOfAny(PythonString.WhiteSpace);
            if (at < 0 || parts.Count == limit)
            {
                parts.Add(rest.ToString());
                break;
            }

            parts.Add((fromEnd ? rest[(at + 1)..] : rest[..at]).ToString());
            var next = fromEnd ? rest.Span[..at].LastIndexOfAnyExcept(PythonString.WhiteSpace) + 1 : rest.Span[at..].IndexOfAnyExcept(PythonString.WhiteSpace);
            rest = fromEnd ? rest[..next] : next < 0 ? default : rest[(at + next)..];
        }

        if (fromEnd)
        {
            parts.Reverse();
        }

        return parts;
    }
}
