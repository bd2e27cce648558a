namespace Coffer.Text.Templates;

/// <summary>Attributes, items and slices of values.</summary>
internal static class TemplateMembers
{
    /// <summary><c>value.name</c>: a method first, then an item, as jinja2's <c>getattr</c>.</summary>
    public static object? Attribute(object? value, string name, TemplateRun run)
    {
        TemplateOperators.Defined(value, run);
        return value switch
        {
            string text when StringMethods.Find(text, name) is { } method => method,
            TemplateMap map when MapMethods.Find(map, name) is { } method => method,
            TemplateMap map when map.TryGet(name, out var item) => item,
            TemplateNamespace space when space.Attributes.TryGet(name, out var item) => item,
            TemplateList list when ListMethods.Find(list, name) is { } method => method,
            TemplateFunction function when name == "name" => function.Name,
            _ => NoSuch(value, name),
        };
    }

    /// <summary><c>value[key]</c>: an item first, then an attribute.</summary>
    public static object? Item(object? value, object? key, TemplateRun run)
    {
        TemplateOperators.Defined(value, run);
        return (value, TemplateValue.Key(key)) switch
        {
            (TemplateMap map, var name) when map.TryGet(name, out var item) => item,
            (TemplateList list, long index) => At(list.Items, index, value),
            (string text, long index) => At(PythonString.Characters(text), index, value),
            (_, string name) => Attribute(value, name, run),
            _ => new UndefinedValue($"{TemplateValue.TypeOf(value)} has no such item"),
        };
    }

    /// <summary><c>value[start:stop:step]</c>.</summary>
    public static object Slice(object? value, object? start, object? stop, object? step, TemplateRun run)
    {
        TemplateOperators.Defined(value, run);
        if (value is not (string or TemplateList))
        {
            throw run.Fail($"{TemplateValue.TypeOf(value)} can't be sliced.");
        }

        var items = TemplateValue.Items(value, run);
        var by = Bound(step, 1, run);
        if (by == 0)
        {
            throw run.Fail("a slice's step can't be zero.");
        }

        // PySlice_AdjustIndices.
        var (lowest, highest) = by > 0 ? (0, items.Count) : (-1, items.Count - 1);
        var from = Clamp(Bound(start, by > 0 ? lowest : long.MaxValue, run), items.Count, lowest, highest, start is null);
        var to = Clamp(Bound(stop, by > 0 ? long.MaxValue : -1, run), items.Count, lowest, highest, stop is null);
        var taken = new List<object?>();
        for (var at = from; by > 0 ? at < to : at > to; at += by)
        {
            taken.Add(items[(int)at]);
            if (by > items.Count || by < -items.Count)
            {
                break;
            }
        }

        return value is string ? string.Concat(taken.Cast<string>()) : new TemplateList(taken, ((TemplateList)value).IsTuple);
    }

    private static long Bound(object? bound, long otherwise, TemplateRun run) => bound switch
    {
        null => otherwise,
        long number => number,
        bool flag => flag ? 1 : 0,
        _ => throw run.Fail($"a slice goes by integers, not by {TemplateValue.TypeOf(bound)}."),
    };

    private static long Clamp(long bound, int count, int lowest, int highest, bool isDefault) =>
        Math.Clamp(bound < 0 && !isDefault ? bound + count : bound, lowest, highest);

    private static object? At<T>(IReadOnlyList<T> items, long index, object? value) =>
        (index < 0 ? index + items.Count : index) is var at && at >= 0 && at < items.Count ? items[(int)at] : new UndefinedValue($"{TemplateValue.TypeOf(value)} has no item {index}");

    private static UndefinedValue NoSuch(object? value, string name) => new($"{TemplateValue.TypeOf(value)} has no attribute '{TokenizerJson.Quote(name)}'");
}
