namespace Coffer.Text.Templates;

/// <summary>The functions that every template has: Jinja's, and the two that transformers adds.</summary>
internal static class TemplateGlobals
{
    private static readonly Dictionary<string, TemplateFunction> Functions = new(StringComparer.Ordinal)
    {
        ["range"] = new("range", Range),
        ["namespace"] = new("namespace", (arguments, run) => MakeNamespace(arguments, run)),
        ["dict"] = new("dict", (arguments, run) => MakeNamespace(arguments, run).Attributes),
        ["raise_exception"] = new("raise_exception", (arguments, run) => throw run.Fail(
            $"it refuses these messages: {PythonText.Of(arguments.Bind(run, "raise_exception", "message")[0], run)}", TextTemplateError.Refused)),
        ["strftime_now"] = new("strftime_now", (arguments, run) => DateFormat.Write(
            run.Time.GetLocalNow(), arguments.Bind(run, "strftime_now", "format")[0] as string ?? throw run.Fail("strftime_now takes a format."), run)),
    };

    public static TemplateFunction? Find(string name) => Functions.GetValueOrDefault(name);

    private static TemplateList Range(TemplateArguments arguments, TemplateRun run)
    {
        var bounds = arguments.Positional.Select(bound => TemplateValue.Number(bound) as long? ?? throw run.Fail($"range takes integers, not {TemplateValue.TypeOf(bound)}.")).ToArray();
        var (start, stop, step) = bounds switch
        {
            [var end] => (0, end, 1),
            [var begin, var end] => (begin, end, 1),
            [var begin, var end, not 0 and var by] => (begin, end, by),
            _ => throw run.Fail("range takes one to three integers, and no step of zero."),
        };

        var items = new List<object?>();
        for (Int128 at = start; step > 0 ? at < stop : at > stop; at += step)
        {
            run.Step();
            items.Add((long)at);
        }

        return new TemplateList(items);
    }

    private static TemplateNamespace MakeNamespace(TemplateArguments arguments, TemplateRun run)
    {
        var space = new TemplateNamespace();
        IEnumerable<(object Key, object? Value)> entries = arguments.Positional switch
        {
            [] => [],
            [TemplateMap map] => map.Entries.Select(entry => (entry.Key, entry.Value)),
            [TemplateList list] => list.Items.Select(item => item is TemplateList { Items: [string or long, var value] } pair
                ? (pair.Items[0]!, value) : throw run.Fail("a mapping is made from pairs of key and value.")),
            _ => throw run.Fail("a mapping is made from a mapping, from a list of pairs, and from named arguments."),
        };
        foreach (var (key, value) in entries.Concat(arguments.Named.Select(entry => ((object)entry.Key, entry.Value))))
        {
            run.Step();
            space.Attributes.Entries[key] = value;
        }

        return space;
    }
}
