namespace Coffer.Text.Templates;

/// <summary>Jinja's filters over lists, mappings and texts as lists of characters.</summary>
internal static class SequenceFilters
{
    private static readonly Dictionary<string, Func<object?, TemplateArguments, TemplateRun, object?>> Filters = new(StringComparer.Ordinal)
    {
        ["length"] = (value, arguments, run) => Length(value, arguments, run),
        ["count"] = (value, arguments, run) => Length(value, arguments, run),
        ["list"] = (value, arguments, run) => Plain("list", arguments, run, new TemplateList(TemplateValue.Items(value, run))),
        ["first"] = (value, arguments, run) => Plain("first", arguments, run, TemplateValue.Items(value, run) is [var first, ..] ? first : new UndefinedValue("an empty list has no first item")),
        ["last"] = (value, arguments, run) => Plain("last", arguments, run, TemplateValue.Items(value, run) is [.., var last] ? last : new UndefinedValue("an empty list has no last item")),
        ["reverse"] = (value, arguments, run) => Plain("reverse", arguments, run, Reverse(value, run)),
        ["items"] = (value, arguments, run) => Plain("items", arguments, run, Pairs(value, run)),
        ["join"] = Join,
        ["sort"] = Sort,
        ["dictsort"] = SortMap,
        ["unique"] = Unique,
        ["min"] = (value, arguments, run) => Extreme(value, arguments, run, -1),
        ["max"] = (value, arguments, run) => Extreme(value, arguments, run, 1),
        ["sum"] = Sum,
        ["batch"] = Batch,
        ["map"] = Map,
        ["select"] = (value, arguments, run) => Select(value, arguments, run, byAttribute: false, wanted: true),
        ["reject"] = (value, arguments, run) => Select(value, arguments, run, byAttribute: false, wanted: false),
        ["selectattr"] = (value, arguments, run) => Select(value, arguments, run, byAttribute: true, wanted: true),
        ["rejectattr"] = (value, arguments, run) => Select(value, arguments, run, byAttribute: true, wanted: false),
    };

    public static Func<object?, TemplateArguments, TemplateRun, object?>? Find(string name) => Filters.GetValueOrDefault(name);

    private static T Plain<T>(string name, TemplateArguments arguments, TemplateRun run, T result)
    {
        arguments.Bind(run, name);
        return result;
    }

    private static long Length(object? value, TemplateArguments arguments, TemplateRun run) => Plain("length", arguments, run, value switch
    {
        string text => PythonString.Length(text),
        TemplateList list => list.Items.Count,
        TemplateMap map => map.Entries.Count,
        UndefinedValue => 0L,
        _ => throw run.Fail($"{TemplateValue.TypeOf(value)} has no length."),
    });

    private static object Reverse(object? value, TemplateRun run)
    {
        var reversed = TemplateValue.Items(value, run).Reverse();
        return value is string ? string.Concat(reversed.Cast<string>()) : new TemplateList([.. reversed]);
    }

    private static TemplateList Pairs(object? value, TemplateRun run) => value switch
    {
        TemplateMap map => new([.. MapMethods.Pairs(map)]),
        UndefinedValue => new([]),
        _ => throw run.Fail($"only a mapping has items, not {TemplateValue.TypeOf(value)}."),
    };

    private static string Join(object? value, TemplateArguments arguments, TemplateRun run)
    {
        var values = arguments.Bind(run, "join", "d", "attribute");
        var key = AttributePath.From(values[1]);
        var texts = TemplateValue.Items(value, run).Select(item => (object?)PythonText.Of(key.Of(item, run), run)).ToArray();
        return StringMethods.Join(Given(values[0]) ? PythonText.Of(values[0], run) : "", texts, run);
    }

    private static TemplateList Sort(object? value, TemplateArguments arguments, TemplateRun run)
    {
        var values = arguments.Bind(run, "sort", "reverse", "case_sensitive", "attribute");
        var key = AttributePath.From(values[2]);
        return Sorted(TemplateValue.Items(value, run), item => Fold(key.Of(item, run), IsSet(values[1])), IsSet(values[0]), run);
    }

    private static TemplateList SortMap(object? value, TemplateArguments arguments, TemplateRun run)
    {
        var values = arguments.Bind(run, "dictsort", "case_sensitive", "by", "reverse");
        var position = values[1] is "value" ? 1 : 0;
        return Sorted(Pairs(value, run).Items, pair => Fold(((TemplateList)pair!).Items[position], IsSet(values[0])), IsSet(values[2]), run);
    }

    // Python's sort is stable in both directions, as OrderBy and OrderByDescending are.
    private static TemplateList Sorted(IReadOnlyList<object?> items, Func<object?, object?> key, bool descending, TemplateRun run)
    {
        var order = Comparer<object?>.Create((a, b) => TemplateValue.Compare(a, b, run));
        return new([.. descending ? items.OrderByDescending(key, order) : items.OrderBy(key, order)]);
    }

    private static TemplateList Unique(object? value, TemplateArguments arguments, TemplateRun run)
    {
        var values = arguments.Bind(run, "unique", "case_sensitive", "attribute");
        var path = AttributePath.From(values[1]);
        var keys = new List<object?>();
        var unique = new List<object?>();
        foreach (var item in TemplateValue.Items(value, run))
        {
            var key = Fold(path.Of(item, run), IsSet(values[0]));
            if (!keys.Exists(other => TemplateValue.AreEqual(other, key, run)))
            {
                keys.Add(key);
                unique.Add(item);
            }
        }

        return new TemplateList(unique);
    }

    private static object? Extreme(object? value, TemplateArguments arguments, TemplateRun run, int sign)
    {
        var values = arguments.Bind(run, sign < 0 ? "min" : "max", "case_sensitive", "attribute");
        var path = AttributePath.From(values[1]);
        object? Key(object? item) => Fold(path.Of(item, run), IsSet(values[0]));
        var items = TemplateValue.Items(value, run);
        return items.Count == 0
            ? new UndefinedValue("an empty list has no smallest or largest item")
            : items.Aggregate((best, item) => sign * TemplateValue.Compare(Key(item), Key(best), run) > 0 ? item : best);
    }

    private static object? Sum(object? value, TemplateArguments arguments, TemplateRun run)
    {
        var values = arguments.Bind(run, "sum", "attribute", "start");
        var path = AttributePath.From(values[0]);
        return TemplateValue.Items(value, run).Aggregate(Given(values[1]) ? values[1] : 0L, (sum, item) => TemplateOperators.Apply("+", sum, path.Of(item, run), run));
    }

    private static TemplateList Batch(object? value, TemplateArguments arguments, TemplateRun run)
    {
        var values = arguments.Bind(run, "batch", "linecount", "fill_with");
        if (values[0] is not (long and > 0 and <= int.MaxValue and var count))
        {
            throw run.Fail("batch takes a count above zero.");
        }

        var batches = TemplateValue.Items(value, run).Chunk((int)count).Select(chunk => chunk.ToList()).ToList();
        if (Given(values[1]) && values[1] is not null && batches.Count > 0)
        {
            run.Step(count);
            batches[^1].AddRange(Enumerable.Repeat(values[1], (int)count - batches[^1].Count));
        }

        return new TemplateList([.. batches.Select(batch => new TemplateList(batch))]);
    }

    private static TemplateList Map(object? value, TemplateArguments arguments, TemplateRun run)
    {
        var items = TemplateValue.Items(value, run);
        if (arguments.Positional.Count == 0)
        {
            var values = arguments.Bind(run, "map", "attribute", "default");
            var path = AttributePath.From(values[0], Given(values[1]) ? values[1] : null);
            return new TemplateList([.. items.Select(item => path.Of(item, run))]);
        }

        var name = arguments.Positional[0] as string ?? throw run.Fail("map takes the name of a filter, or an attribute.");
        var rest = arguments.Skip(1);
        return new TemplateList([.. items.Select(item => TemplateFilters.Apply(name, item, rest, run))]);
    }

    private static TemplateList Select(object? value, TemplateArguments arguments, TemplateRun run, bool byAttribute, bool wanted)
    {
        if (byAttribute && arguments.Positional.Count == 0)
        {
            throw run.Fail("selectattr and rejectattr take the name of an attribute.");
        }

        var path = AttributePath.From(byAttribute ? arguments.Positional[0] : null);
        var test = arguments.Skip(byAttribute ? 1 : 0);
        var name = test.Positional.Count == 0 ? null : test.Positional[0] as string ?? throw run.Fail("select takes the name of a test.");
        var rest = test.Skip(1);
        return new TemplateList([.. TemplateValue.Items(value, run).Where(item =>
            wanted == (name is null ? TemplateValue.IsTrue(path.Of(item, run)) : TemplateTests.Holds(name, path.Of(item, run), rest, run)))]);
    }

    private static object? Fold(object? key, bool caseSensitive) => key is string text && !caseSensitive ? text.ToLowerInvariant() : key;

    private static bool Given(object? argument) => !ReferenceEquals(argument, TemplateArguments.Missing);

    private static bool IsSet(object? argument) => Given(argument) && TemplateValue.IsTrue(argument);
}
