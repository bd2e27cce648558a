namespace Coffer.Text;

/// <summary>A decoder that treats each part by itself.</summary>
/// <param name="map">The part, whether it is the first and whether it is the last.</param>
internal sealed class MappingDecoder(Func<string, bool, bool, string> map) : TokenDecoder
{
    /// <summary>Metaspace: the visible space becomes a space, except at the very start.</summary>
    public static MappingDecoder Metaspace(char replacement, bool dropsFirst) => new((part, isFirst, _) =>
    {
        var text = part.Replace(replacement, ' ');
        return isFirst && dropsFirst && text.StartsWith(' ') ? text[1..] : text;
    });

    /// <summary>BPEDecoder: what ends a word becomes a space, except at the very end.</summary>
    public static MappingDecoder WordSuffix(string suffix) =>
        new((part, _, isLast) => suffix.Length == 0 ? part : part.Replace(suffix, isLast ? string.Empty : " ", StringComparison.Ordinal));

    /// <summary>Replace.</summary>
    public static MappingDecoder Replace(WordMatcher pattern, string content) => new((part, _, _) =>
    {
        var text = new System.Text.StringBuilder();
        var (last, work) = (0, WordMatcher.WorkFor(part.Length));
        for (var from = 0; pattern.TryFind(part, from, ref work, out var start, out var end); from = end > start ? end : end + 1)
        {
            text.Append(part, last, start - last).Append(content);
            last = end;
        }

        return last == 0 && text.Length == 0 ? part : text.Append(part, last, part.Length - last).ToString();
    });

    /// <summary>Strip: up to so many of a character from each end.</summary>
    public static MappingDecoder Strip(char content, int start, int stop) => new((part, _, _) =>
    {
        var (from, to) = (0, part.Length);
        while (from < to && from < start && part[from] == content)
        {
            from++;
        }

        while (to > from && part.Length - to < stop && part[to - 1] == content)
        {
            to--;
        }

        return part[from..to];
    });

    public override void Decode(List<string> parts)
    {
        for (var i = 0; i < parts.Count; i++)
        {
            parts[i] = map(parts[i], i == 0, i == parts.Count - 1);
        }
    }
}
