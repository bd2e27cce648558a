using System.Globalization;
using System.Text.RegularExpressions;

namespace Coffer.Text.Templates;

/// <summary>Jinja's filters, as far as chat templates use them (jinja2/filters.py).</summary>
internal static partial class TemplateFilters
{
    private static readonly Dictionary<string, Func<object?, TemplateArguments, TemplateRun, object?>> Filters = new(StringComparer.Ordinal)
    {
        ["tojson"] = (value, arguments, run) => TemplateJson.Write(value, TemplateJsonStyle.From(arguments, run), run),
        ["trim"] = (value, arguments, run) => StringMethods.Call("strip", PythonText.Of(value, run), arguments, run),
        ["upper"] = (value, arguments, run) => StringMethods.Call("upper", PythonText.Of(value, run), arguments, run),
        ["lower"] = (value, arguments, run) => StringMethods.Call("lower", PythonText.Of(value, run), arguments, run),
        ["capitalize"] = (value, arguments, run) => StringMethods.Call("capitalize", PythonText.Of(value, run), arguments, run),
        ["title"] = (value, arguments, run) => Plain("title", arguments, run, run.Made(TextCase.TitleWords(PythonText.Of(value, run)))),
        ["replace"] = (value, arguments, run) => StringMethods.Call("replace", PythonText.Of(value, run), arguments, run),
        ["string"] = (value, arguments, run) => Plain("string", arguments, run, PythonText.Of(value, run)),
        ["safe"] = (value, arguments, run) => Plain("safe", arguments, run, PythonText.Of(value, run)),
        ["escape"] = Escape,
        ["e"] = Escape,
        ["indent"] = Indent,
        ["format"] = (value, arguments, run) => PythonFormat.Apply(PythonText.Of(value, run), arguments.Positional, run),
        ["wordcount"] = (value, arguments, run) => Plain("wordcount", arguments, run, (long)Word().Count(PythonText.Of(value, run))),
        ["int"] = Int,
        ["float"] = Float,
        ["abs"] = (value, arguments, run) => Plain("abs", arguments, run, TemplateValue.Number(value) is { } number && TemplateOperators.Compare("<", number, 0L, run) ? TemplateOperators.Negate(number, run) : TemplateValue.Number(value) ?? throw run.Fail($"{TemplateValue.TypeOf(value)} has no absolute value.")),
        ["round"] = Round,
        ["default"] = Default,
        ["d"] = Default,
        ["attr"] = (value, arguments, run) => TemplateMembers.Attribute(value, arguments.Bind(run, "attr", "name")[0] as string ?? "", run),
    };

    public static object? Apply(string name, object? value, TemplateArguments arguments, TemplateRun run)
    {
        run.Step();
        return Filters.TryGetValue(name, out var filter) ? filter(value, arguments, run)
            : SequenceFilters.Find(name) is { } sequence ? sequence(value, arguments, run)
            : throw run.Fail($"the filter '{TokenizerJson.Quote(name)}' is not one that Coffer has.", TextTemplateError.Unsupported);
    }

    public static bool Exists(string name) => Filters.ContainsKey(name) || SequenceFilters.Find(name) is not null;

    private static T Plain<T>(string name, TemplateArguments arguments, TemplateRun run, T result)
    {
        arguments.Bind(run, name);
        return result;
    }

    private static object? Default(object? value, TemplateArguments arguments, TemplateRun run)
    {
        var values = arguments.Bind(run, "default", "default_value", "boolean");
        var isMissing = value is UndefinedValue || (Given(values[1]) && TemplateValue.IsTrue(values[1]) && !TemplateValue.IsTrue(value));
        return !isMissing ? value : Given(values[0]) ? values[0] : "";
    }

    private static string Escape(object? value, TemplateArguments arguments, TemplateRun run) => Plain("escape", arguments, run, run.Made(PythonText.Of(value, run)
        .Replace("&", "&amp;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace("'", "&#39;", StringComparison.Ordinal).Replace("\"", "&#34;", StringComparison.Ordinal)));

    private static object Indent(object? value, TemplateArguments arguments, TemplateRun run)
    {
        var values = arguments.Bind(run, "indent", "width", "first", "blank");
        var indentation = values[0] switch
        {
            string text => text,
            long and > 1000 => throw run.Fail("indent takes a width of up to 1000.", TextTemplateError.LimitExceeded),
            long width => new string(' ', (int)Math.Max(width, 0)),
            _ => "    ",
        };
        var blank = Given(values[2]) && TemplateValue.IsTrue(values[2]);
        var lines = ((TemplateList)TextSplitting.Lines(PythonText.Of(value, run) + "\n", TemplateArguments.None, run)).Items;
        run.Reserve(((long)indentation.Length * lines.Count) + PythonText.Of(value, run).Length);
        var indented = lines.Select((line, i) => i > 0 && (blank || (string)line! != "") ? indentation + line : line);
        return (Given(values[1]) && TemplateValue.IsTrue(values[1]) ? indentation : "") + string.Join('\n', indented);
    }

    private static object? Int(object? value, TemplateArguments arguments, TemplateRun run)
    {
        var values = arguments.Bind(run, "int", "default", "base");
        var otherwise = Given(values[0]) ? values[0] : 0L;
        if (value is not string text)
        {
            return TemplateValue.Number(value) switch
            {
                long number => number,
                double number when Math.Abs(number) < long.MaxValue => (long)number,
                _ => otherwise,
            };
        }

        var trimmed = PythonString.Trim(text).Replace("_", "", StringComparison.Ordinal);
        var isHex = values[1] is 16L;
        var digits = isHex && trimmed.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? trimmed[2..] : trimmed;
        if (long.TryParse(digits, isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsed))
        {
            return parsed;
        }

        return double.TryParse(trimmed, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && Math.Abs(real) < long.MaxValue ? (long)real : otherwise;
    }

    private static object? Float(object? value, TemplateArguments arguments, TemplateRun run)
    {
        var otherwise = arguments.Bind(run, "float", "default")[0];
        return TemplateValue.Number(value) is { } number ? TemplateValue.AsDouble(number)
            : value is string text && double.TryParse(PythonString.Trim(text), NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) ? parsed
            : Given(otherwise) ? otherwise : 0.0;
    }

    private static object Round(object? value, TemplateArguments arguments, TemplateRun run)
    {
        var values = arguments.Bind(run, "round", "precision", "method");
        var precision = values[0] is long digits ? (int)Math.Clamp(digits, 0, 12) : 0;
        var number = TemplateValue.Number(value) ?? throw run.Fail($"{TemplateValue.TypeOf(value)} can't be rounded.");
        if (values[1] is "ceil" or "floor")
        {
            var scale = Math.Pow(10, precision);
            var scaled = TemplateValue.AsDouble(number) * scale;
            return (values[1] is "ceil" ? Math.Ceiling(scaled) : Math.Floor(scaled)) / scale;
        }

        return number is double real ? RoundExactly(real, precision) : number;
    }

    // Python rounds the exact binary value (2.55 is below 2.55), and ties to even; formatting rounds the exact value, and ties away from zero.
    private static double RoundExactly(double number, int precision)
    {
        var isTie = Math.Abs(number) < 1e15 && new decimal(number) is var exact && (double)exact == number && exact * (decimal)Math.Pow(10, precision) is var scaled && Math.Abs(scaled % 1) == 0.5m
            && (number * Math.Pow(2, 20)) % 1 == 0;
        return isTie ? Math.Round(number, precision, MidpointRounding.ToEven) : double.Parse(number.ToString("F" + precision.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }

    private static bool Given(object? argument) => !ReferenceEquals(argument, TemplateArguments.Missing);

    [GeneratedRegex(@"\w+", RegexOptions.CultureInvariant)]
    private static partial Regex Word();
}
