namespace Coffer.Text.Templates;

/// <summary>The methods of Python's <c>dict</c> that change nothing.</summary>
internal static class MapMethods
{
    public static TemplateFunction? Find(TemplateMap map, string name) => name switch
    {
        "get" => new(name, (arguments, run) => Get(map, arguments, run)),
        "keys" => new(name, (arguments, run) => List(arguments, run, map.Entries.Keys)),
        "values" => new(name, (arguments, run) => List(arguments, run, map.Entries.Values)),
        "items" => new(name, (arguments, run) => List(arguments, run, Pairs(map))),
        "copy" => new(name, (arguments, run) => arguments.Bind(run, name) is [] ? map : null),
        _ => null,
    };

    public static IEnumerable<object?> Pairs(TemplateMap map) => map.Entries.Select(entry => (object?)new TemplateList([entry.Key, entry.Value], isTuple: true));

    private static object? Get(TemplateMap map, TemplateArguments arguments, TemplateRun run)
    {
        var values = arguments.Bind(run, "get", "key", "default");
        return map.TryGet(TemplateValue.Key(values[0]), out var value) ? value : ReferenceEquals(values[1], TemplateArguments.Missing) ? null : values[1];
    }

    private static TemplateList List(TemplateArguments arguments, TemplateRun run, IEnumerable<object?> items)
    {
        arguments.Bind(run, "the method");
        var list = items.ToList();
        run.Step(list.Count);
        return new(list);
    }
}
