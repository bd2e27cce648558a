namespace Coffer.Text.Templates;

/// <summary>
/// The values of a template are null, <see cref="bool"/>, <see cref="long"/>, <see cref="double"/>, <see cref="string"/>, <see cref="TemplateList"/>,
/// <see cref="TemplateMap"/>, <see cref="TemplateNamespace"/>, <see cref="TemplateFunction"/> and <see cref="UndefinedValue"/>; this is what Python says of them.
/// </summary>
internal static class TemplateValue
{
    public static bool IsTrue(object? value) => value switch
    {
        null or UndefinedValue => false,
        bool flag => flag,
        long number => number != 0,
        double number => number != 0,
        string text => text.Length > 0,
        TemplateList list => list.Items.Count > 0,
        TemplateMap map => map.Entries.Count > 0,
        _ => true,
    };

    public static string TypeOf(object? value) => value switch
    {
        null => "none",
        UndefinedValue => "an undefined value",
        bool => "a truth value",
        long => "an integer",
        double => "a float",
        string => "a text",
        TemplateList { IsTuple: true } => "a tuple",
        TemplateList => "a list",
        TemplateMap => "a mapping",
        TemplateNamespace => "a namespace",
        _ => "a function",
    };

    public static bool AreEqual(object? left, object? right, TemplateRun run)
    {
        run.Step();
        return (left, right) switch
        {
            (UndefinedValue, UndefinedValue) => true,
            (string a, string b) => a == b,
            (TemplateList a, TemplateList b) => a.IsTuple == b.IsTuple && a.Items.Count == b.Items.Count && a.Items.Zip(b.Items).All(pair => AreEqual(pair.First, pair.Second, run)),
            (TemplateMap a, TemplateMap b) => a.Entries.Count == b.Entries.Count && a.Entries.All(entry => b.Entries.TryGetValue(entry.Key, out var other) && AreEqual(entry.Value, other, run)),
            _ when Number(left) is { } a && Number(right) is { } b => left is double || right is double ? AsDouble(a) == AsDouble(b) : (long)a == (long)b,
            _ => ReferenceEquals(left, right),
        };
    }

    /// <summary>Python's order of numbers, texts and lists.</summary>
    public static int Compare(object? left, object? right, TemplateRun run)
    {
        run.Step();
        switch (left, right)
        {
            case (string a, string b):
                return string.CompareOrdinal(a, b);
            case (TemplateList a, TemplateList b) when a.IsTuple == b.IsTuple:
                for (var i = 0; i < Math.Min(a.Items.Count, b.Items.Count); i++)
                {
                    if (!AreEqual(a.Items[i], b.Items[i], run))
                    {
                        return Compare(a.Items[i], b.Items[i], run);
                    }
                }

                return a.Items.Count.CompareTo(b.Items.Count);
            default:
                return Number(left) is { } x && Number(right) is { } y
                    ? x is long m && y is long n ? m.CompareTo(n) : AsDouble(x).CompareTo(AsDouble(y))
                    : throw run.Fail($"{TypeOf(left)} and {TypeOf(right)} have no order.");
        }
    }

    /// <summary>A number: a long or a double; a truth value is 0 or 1, as in Python. Null for other values.</summary>
    public static object? Number(object? value) => value switch
    {
        bool flag => flag ? 1L : 0L,
        long or double => value,
        _ => null,
    };

    public static double AsDouble(object number) => number is long integer ? integer : (double)number;

    /// <summary>What a loop over the value gives: items, characters or keys.</summary>
    public static IReadOnlyList<object?> Items(object? value, TemplateRun run)
    {
        IReadOnlyList<object?> items = value switch
        {
            TemplateList list => list.Items,
            string text => PythonString.Characters(run.Made(text)),
            TemplateMap map => [.. map.Entries.Keys],
            UndefinedValue => [],
            _ => throw run.Fail($"{TypeOf(value)} can't be looped over."),
        };
        run.Step(items.Count);
        return items;
    }

    public static bool Contains(object? container, object? item, TemplateRun run) => container switch
    {
        string text => item is string part ? text.Contains(part, StringComparison.Ordinal) : throw run.Fail($"a text can't contain {TypeOf(item)}."),
        TemplateMap map => map.TryGet(Key(item), out _),
        _ => Items(container, run).Any(other => AreEqual(other, item, run)),
    };

    /// <summary>A value as a key: a truth value and a whole float are the numbers that they equal.</summary>
    public static object? Key(object? value) => value switch
    {
        bool flag => flag ? 1L : 0L,
        double number when Math.Floor(number) == number && Math.Abs(number) < long.MaxValue => (long)number,
        _ => value,
    };
}
