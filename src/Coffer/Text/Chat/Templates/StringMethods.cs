namespace Coffer.Text.Templates;

/// <summary>The methods of Python's <c>str</c> that templates use.</summary>
internal static class StringMethods
{
    private static readonly Dictionary<string, Func<string, TemplateArguments, TemplateRun, object?>> Methods = new(StringComparer.Ordinal)
    {
        ["strip"] = (text, arguments, run) => Strip(text, arguments, run, start: true, end: true),
        ["lstrip"] = (text, arguments, run) => Strip(text, arguments, run, start: true, end: false),
        ["rstrip"] = (text, arguments, run) => Strip(text, arguments, run, start: false, end: true),
        ["upper"] = (text, arguments, run) => Plain(arguments, run, text.ToUpperInvariant()),
        ["lower"] = (text, arguments, run) => Plain(arguments, run, text.ToLowerInvariant()),
        ["title"] = (text, arguments, run) => Plain(arguments, run, TextCase.Title(text)),
        ["capitalize"] = (text, arguments, run) => Plain(arguments, run, TextCase.Capitalize(text)),
        ["swapcase"] = (text, arguments, run) => Plain(arguments, run, TextCase.Swap(text)),
        ["split"] = (text, arguments, run) => TextSplitting.Split(text, arguments, run, fromEnd: false),
        ["rsplit"] = (text, arguments, run) => TextSplitting.Split(text, arguments, run, fromEnd: true),
        ["splitlines"] = (text, arguments, run) => TextSplitting.Lines(text, arguments, run),
        ["partition"] = (text, arguments, run) => TextSplitting.Partition(text, arguments, run),
        ["startswith"] = (text, arguments, run) => Any(arguments, run, "startswith", part => text.StartsWith(part, StringComparison.Ordinal)),
        ["endswith"] = (text, arguments, run) => Any(arguments, run, "endswith", part => text.EndsWith(part, StringComparison.Ordinal)),
        ["removeprefix"] = (text, arguments, run) => Part(arguments, run, "removeprefix") is var part && text.StartsWith(part, StringComparison.Ordinal) ? run.Made(text[part.Length..]) : text,
        ["removesuffix"] = (text, arguments, run) => Part(arguments, run, "removesuffix") is var part && text.EndsWith(part, StringComparison.Ordinal) ? run.Made(text[..^part.Length]) : text,
        ["find"] = (text, arguments, run) => Find(text, arguments, run),
        ["count"] = (text, arguments, run) => Part(arguments, run, "count") is { Length: > 0 } part ? (long)text.Split(part).Length - 1 : PythonString.Length(text) + 1L,
        ["replace"] = Replace,
        ["join"] = (text, arguments, run) => Join(text, TemplateValue.Items(arguments.Bind(run, "join", "iterable")[0], run), run),
        ["isdigit"] = (text, arguments, run) => Every(text, arguments, run, char.IsDigit),
        ["isalpha"] = (text, arguments, run) => Every(text, arguments, run, char.IsLetter),
        ["isalnum"] = (text, arguments, run) => Every(text, arguments, run, char.IsLetterOrDigit),
        ["isspace"] = (text, arguments, run) => Every(text, arguments, run, PythonString.IsWhiteSpace),
        ["isupper"] = (text, arguments, run) => Plain(arguments, run, "") is "" && text.Any(char.IsUpper) && !text.Any(char.IsLower),
        ["islower"] = (text, arguments, run) => Plain(arguments, run, "") is "" && text.Any(char.IsLower) && !text.Any(char.IsUpper),
    };

    public static TemplateFunction? Find(string text, string name) =>
        Methods.TryGetValue(name, out var method) ? new(name, (arguments, run) => method(text, arguments, run)) : null;

    /// <summary>The method as a filter: <c>text|upper</c>.</summary>
    public static object? Call(string name, string text, TemplateArguments arguments, TemplateRun run) => Methods[name](text, arguments, run);

    public static string Join(string separator, IReadOnlyList<object?> items, TemplateRun run)
    {
        var texts = items.Select(item => item as string ?? throw run.Fail($"only texts can be joined by a text's join, not {TemplateValue.TypeOf(item)}.")).ToArray();
        run.Reserve(texts.Sum(text => (long)text.Length) + ((long)separator.Length * texts.Length));
        return string.Join(separator, texts);
    }

    private static string Plain(TemplateArguments arguments, TemplateRun run, string result)
    {
        arguments.Bind(run, "the method");
        return run.Made(result);
    }

    private static string Strip(string text, TemplateArguments arguments, TemplateRun run, bool start, bool end)
    {
        var characters = arguments.Bind(run, "strip", "chars")[0];
        if (characters is not string set)
        {
            return run.Made(start && end ? PythonString.Trim(text) : start ? PythonString.TrimStart(text) : PythonString.TrimEnd(text));
        }

        var letters = PythonString.Characters(text);
        var stripped = PythonString.Characters(set).ToHashSet(StringComparer.Ordinal);
        var (from, to) = (0, letters.Count);
        while (start && from < to && stripped.Contains(letters[from]))
        {
            from++;
        }

        while (end && to > from && stripped.Contains(letters[to - 1]))
        {
            to--;
        }

        return run.Made(string.Concat(letters[from..to]));
    }

    private static bool Any(TemplateArguments arguments, TemplateRun run, string name, Predicate<string> test)
    {
        var parts = arguments.Bind(run, name, "prefix")[0];
        return parts switch
        {
            string part => test(part),
            TemplateList list => list.Items.Any(part => test(part as string ?? throw run.Fail($"{name} takes texts, not {TemplateValue.TypeOf(part)}."))),
            _ => throw run.Fail($"{name} takes a text or a tuple of texts."),
        };
    }

    private static string Part(TemplateArguments arguments, TemplateRun run, string name) =>
        arguments.Bind(run, name, "sub")[0] as string ?? throw run.Fail($"{name} takes a text.");

    private static long Find(string text, TemplateArguments arguments, TemplateRun run) =>
        text.IndexOf(Part(arguments, run, "find"), StringComparison.Ordinal) is var at && at <= 0 ? (long)at : PythonString.Length(text[..at]);

    private static string Replace(string text, TemplateArguments arguments, TemplateRun run)
    {
        var values = arguments.Bind(run, "replace", "old", "new", "count");
        if (values[0] is not string old || values[1] is not string replacement)
        {
            throw run.Fail("replace takes two texts.");
        }

        var count = values[2] as long? ?? -1;
        List<string> parts = old.Length == 0 ? ["", .. PythonString.Characters(text), ""] : [.. text.Split(old)];
        count = count < 0 ? parts.Count - 1 : Math.Min(count, parts.Count - 1);
        run.Reserve(text.Length + (count * replacement.Length));
        return string.Concat(parts.Select((part, i) => i == 0 ? part : (i <= count ? replacement : old) + part));
    }

    private static bool Every(string text, TemplateArguments arguments, TemplateRun run, Func<char, bool> test)
    {
        arguments.Bind(run, "the method");
        run.Step(text.Length / 64);
        return text.Length > 0 && text.All(test);
    }
}
