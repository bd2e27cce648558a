namespace Coffer.Text.Templates;

/// <summary>Jinja's tests: what can follow <c>is</c>, and what <c>select</c> takes (jinja2/tests.py).</summary>
internal static class TemplateTests
{
    private static readonly Dictionary<string, Func<object?, TemplateRun, bool>> Unary = new(StringComparer.Ordinal)
    {
        ["defined"] = (value, _) => value is not UndefinedValue,
        ["undefined"] = (value, _) => value is UndefinedValue,
        ["none"] = (value, _) => value is null,
        ["string"] = (value, _) => value is string,
        ["number"] = (value, _) => value is long or double or bool,
        ["integer"] = (value, _) => value is long,
        ["float"] = (value, _) => value is double,
        ["boolean"] = (value, _) => value is bool,
        ["true"] = (value, _) => value is true,
        ["false"] = (value, _) => value is false,
        ["mapping"] = (value, _) => value is TemplateMap,
        ["iterable"] = (value, _) => value is string or TemplateList or TemplateMap or UndefinedValue,
        ["sequence"] = (value, _) => value is string or TemplateList or TemplateMap or UndefinedValue,
        ["callable"] = (value, _) => value is TemplateFunction,
        ["odd"] = (value, run) => Remainder(value, 2L, run) is not 0L and not 0.0,
        ["even"] = (value, run) => Remainder(value, 2L, run) is 0L or 0.0,
        ["lower"] = (value, run) => IsCase(PythonText.Of(value, run), char.IsLower, char.IsUpper),
        ["upper"] = (value, run) => IsCase(PythonText.Of(value, run), char.IsUpper, char.IsLower),
        ["escaped"] = (_, _) => false,
        ["filter"] = (value, _) => value is string name && TemplateFilters.Exists(name),
        ["test"] = (value, _) => value is string name && Exists(name),
    };

    private static readonly Dictionary<string, Func<object?, object?, TemplateRun, bool>> Binary = new(StringComparer.Ordinal)
    {
        ["equalto"] = (value, other, run) => TemplateOperators.Compare("==", value, other, run),
        ["eq"] = (value, other, run) => TemplateOperators.Compare("==", value, other, run),
        ["=="] = (value, other, run) => TemplateOperators.Compare("==", value, other, run),
        ["ne"] = (value, other, run) => TemplateOperators.Compare("!=", value, other, run),
        ["!="] = (value, other, run) => TemplateOperators.Compare("!=", value, other, run),
        ["lt"] = (value, other, run) => TemplateOperators.Compare("<", value, other, run),
        ["lessthan"] = (value, other, run) => TemplateOperators.Compare("<", value, other, run),
        ["<"] = (value, other, run) => TemplateOperators.Compare("<", value, other, run),
        ["le"] = (value, other, run) => TemplateOperators.Compare("<=", value, other, run),
        ["<="] = (value, other, run) => TemplateOperators.Compare("<=", value, other, run),
        ["gt"] = (value, other, run) => TemplateOperators.Compare(">", value, other, run),
        ["greaterthan"] = (value, other, run) => TemplateOperators.Compare(">", value, other, run),
        [">"] = (value, other, run) => TemplateOperators.Compare(">", value, other, run),
        ["ge"] = (value, other, run) => TemplateOperators.Compare(">=", value, other, run),
        [">="] = (value, other, run) => TemplateOperators.Compare(">=", value, other, run),
        ["in"] = (value, other, run) => TemplateOperators.Compare("in", value, other, run),
        ["divisibleby"] = (value, other, run) => Remainder(value, other, run) is 0L or 0.0,
        ["sameas"] = (value, other, run) => value?.GetType() == other?.GetType() && (value is TemplateList or TemplateMap or TemplateNamespace ? ReferenceEquals(value, other) : TemplateValue.AreEqual(value, other, run)),
    };

    public static bool Exists(string name) => Unary.ContainsKey(name) || Binary.ContainsKey(name);

    public static bool Holds(string name, object? value, TemplateArguments arguments, TemplateRun run)
    {
        run.Step();
        if (Unary.TryGetValue(name, out var unary))
        {
            arguments.Bind(run, $"the test '{name}'");
            return unary(value, run);
        }

        return Binary.TryGetValue(name, out var binary) && arguments.Bind(run, $"the test '{name}'", "other") is [var other]
            ? binary(value, !ReferenceEquals(other, TemplateArguments.Missing) ? other : throw run.Fail($"the test '{name}' needs a value to compare with."), run)
            : throw run.Fail($"the test '{TokenizerJson.Quote(name)}' is not one that Coffer has.", TextTemplateError.Unsupported);
    }

    private static object? Remainder(object? value, object? divisor, TemplateRun run) =>
        TemplateValue.Number(value) is not null ? TemplateOperators.Apply("%", value, divisor, run) : throw run.Fail($"{TemplateValue.TypeOf(value)} can't be divided.");

    private static bool IsCase(string text, Func<char, bool> isCase, Func<char, bool> isOther) => text.Any(isCase) && !text.Any(isOther);
}
