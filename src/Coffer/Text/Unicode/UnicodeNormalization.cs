namespace Coffer.Text;

/// <summary>Unicode normalization forms (UAX #15) of a text with origins.</summary>
internal static class UnicodeNormalization
{
    private const int HangulFirst = 0xAC00;
    private const int HangulCount = 11172;
    private const int LeadFirst = 0x1100;
    private const int VowelFirst = 0x1161;
    private const int TailBase = 0x11A7;
    private const int VowelCount = 21;
    private const int TailCount = 28;

    /// <summary>Whether the text is its own normal form for certain; a no may be too careful.</summary>
    public static bool IsNormal(ReadOnlySpan<char> text, bool compatible, bool compose)
    {
        if (!text.ContainsAnyInRange(compose && !compatible ? '\u0300' : '\u00A0', '\uFFFF'))
        {
            return true;
        }

        var data = UnicodeData.Instance;
        for (var i = 0; i < text.Length; i++)
        {
            int codePoint = text[i];
            if (codePoint < 0xA0)
            {
                continue;
            }

            if (char.IsHighSurrogate(text[i]))
            {
                codePoint = char.ConvertToUtf32(text[i], text[++i]);
            }

            var changes = compose
                ? (data.Properties[codePoint] & UnicodeData.ComposingMayChange) != 0
                : data.CombiningClasses[codePoint] != 0 || data.Canonical[codePoint] != 0 || codePoint - HangulFirst is >= 0 and < HangulCount;
            if (changes || (compatible && data.Compatible[codePoint] != 0))
            {
                return false;
            }
        }

        return true;
    }

    public static void Normalize(TextBuffer input, TextBuffer output, GrowingList<CodePointOrigin> scratch, bool compatible, bool compose)
    {
        scratch.Clear();
        Decompose(input, scratch, compatible);
        SortMarks(scratch.Items);
        var items = compose ? Compose(scratch.Items) : scratch.Items;
        foreach (ref readonly var item in items)
        {
            output.Append(item.CodePoint, item.Start, item.End);
        }
    }

    private static void Decompose(TextBuffer input, GrowingList<CodePointOrigin> output, bool compatible)
    {
        var data = UnicodeData.Instance;
        for (var i = 0; i < input.Length;)
        {
            var codePoint = input.CodePointAt(i, out var units);
            var (start, end) = (input.Starts[i], input.Ends[i + units - 1]);
            i += units;
            var entry = compatible ? data.Compatible[codePoint] : 0;
            entry = entry != 0 ? entry : data.Canonical[codePoint];
            var syllable = codePoint - HangulFirst;
            if (entry != 0)
            {
                foreach (var part in data.Expansion(entry))
                {
                    output.Add(new(part, data.CombiningClasses[part], start, end));
                }
            }
            else if (syllable is >= 0 and < HangulCount)
            {
                output.Add(new(LeadFirst + (syllable / (VowelCount * TailCount)), 0, start, end));
                output.Add(new(VowelFirst + (syllable % (VowelCount * TailCount) / TailCount), 0, start, end));
                if (syllable % TailCount > 0)
                {
                    output.Add(new(TailBase + (syllable % TailCount), 0, start, end));
                }
            }
            else
            {
                output.Add(new(codePoint, data.CombiningClasses[codePoint], start, end));
            }
        }
    }

    /// <summary>UAX #15, canonical ordering: each run of marks by class, and as it was within a class.</summary>
    private static void SortMarks(Span<CodePointOrigin> items)
    {
        for (var start = 0; start < items.Length; start++)
        {
            if (items[start].Class == 0)
            {
                continue;
            }

            var end = start + 1;
            var sorted = true;
            for (; end < items.Length && items[end].Class != 0; end++)
            {
                sorted &= items[end - 1].Class <= items[end].Class;
            }

            if (!sorted)
            {
                SortRun(items[start..end]);
            }

            start = end;
        }
    }

    private static void SortRun(Span<CodePointOrigin> run)
    {
        if (run.Length > 64)
        {
            var keys = new long[run.Length];
            for (var i = 0; i < keys.Length; i++)
            {
                keys[i] = ((long)run[i].Class << 32) | (uint)i;
            }

            keys.AsSpan().Sort(run);
            return;
        }

        for (var i = 1; i < run.Length; i++)
        {
            var item = run[i];
            var hole = i;
            for (; hole > 0 && run[hole - 1].Class > item.Class; hole--)
            {
                run[hole] = run[hole - 1];
            }

            run[hole] = item;
        }
    }

    private static Span<CodePointOrigin> Compose(Span<CodePointOrigin> items)
    {
        var data = UnicodeData.Instance;
        var written = 0;
        var starter = -1;
        var lastClass = 0;
        foreach (var item in items)
        {
            // UAX #15, D115: blocked when something between it and the starter has no class or one that is not less.
            var adjacent = starter >= 0 && starter == written - 1;
            if (starter >= 0 && (adjacent || (lastClass != 0 && lastClass < item.Class)) && TryCompose(data, items[starter].CodePoint, item.CodePoint, out var composed))
            {
                items[starter] = new(composed, 0, Math.Min(items[starter].Start, item.Start), Math.Max(items[starter].End, item.End));
                continue;
            }

            if (item.Class == 0)
            {
                starter = written;
            }

            lastClass = item.Class;
            items[written++] = item;
        }

        return items[..written];
    }

    private static bool TryCompose(UnicodeData data, int first, int second, out int composed)
    {
        if (first - LeadFirst is >= 0 and < 19 && second - VowelFirst is >= 0 and < VowelCount)
        {
            composed = HangulFirst + ((((first - LeadFirst) * VowelCount) + (second - VowelFirst)) * TailCount);
            return true;
        }

        if (first - HangulFirst is >= 0 and < HangulCount && (first - HangulFirst) % TailCount == 0 && second - TailBase is > 0 and < TailCount)
        {
            composed = first + (second - TailBase);
            return true;
        }

        return data.TryCompose(first, second, out composed);
    }
}
