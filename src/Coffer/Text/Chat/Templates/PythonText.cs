using System.Globalization;
using System.Text;

namespace Coffer.Text.Templates;

/// <summary>Writes values as Python's <c>str</c> and <c>repr</c> do, which is what a template prints.</summary>
internal static class PythonText
{
    public static string Of(object? value, TemplateRun run) => value switch
    {
        string text => text,
        UndefinedValue => "",
        _ => Represent(value, run),
    };

    public static string Represent(object? value, TemplateRun run)
    {
        if (value is null or bool or long or double)
        {
            return Scalar(value);
        }

        var text = new StringBuilder();
        Append(text, value, run);
        return text.ToString();
    }

    private static string Scalar(object? value) => value switch
    {
        bool flag => flag ? "True" : "False",
        long number => number.ToString(CultureInfo.InvariantCulture),
        double number => Float(number),
        _ => "None",
    };

    /// <summary>The shortest digits that read back, as <c>repr(float)</c>: exponents below -4 and from 16 on.</summary>
    public static string Float(double number)
    {
        if (!double.IsFinite(number))
        {
            return double.IsNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
        }

        var scientific = number.ToString("E16", CultureInfo.InvariantCulture);
        var exponent = number == 0 ? 0 : int.Parse(scientific.AsSpan(scientific.IndexOf('E', StringComparison.Ordinal) + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var shortest = number.ToString("R", CultureInfo.InvariantCulture);
        var digits = shortest.Split('E')[0].Replace(".", "", StringComparison.Ordinal).TrimStart('-').TrimStart('0').TrimEnd('0');
        var sign = double.IsNegative(number) ? "-" : "";
        if (digits.Length == 0)
        {
            return sign + "0.0";
        }

        if (exponent is < -4 or >= 16)
        {
            return $"{sign}{digits[0]}{(digits.Length > 1 ? "." + digits[1..] : "")}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }

        return exponent < 0 ? $"{sign}0.{new string('0', -exponent - 1)}{digits}"
            : digits.Length <= exponent + 1 ? $"{sign}{digits.PadRight(exponent + 1, '0')}.0"
            : $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }

    private static void Append(StringBuilder text, object? value, TemplateRun run)
    {
        run.Step();
        var before = text.Length;
        switch (value)
        {
            case string quoted:
                AppendQuoted(text, quoted);
                break;
            case TemplateList list:
                AppendItems(text, list, run);
                break;
            case TemplateMap map:
                AppendEntries(text, map, run);
                break;
            case TemplateNamespace space:
                text.Append("<Namespace ");
                AppendEntries(text, space.Attributes, run);
                text.Append('>');
                break;
            case TemplateFunction function:
                text.Append("<function ").Append(function.Name).Append('>');
                break;
            case UndefinedValue:
                text.Append("Undefined");
                break;
            default:
                text.Append(Scalar(value));
                break;
        }

        run.Reserve(text.Length - before);
    }

    private static void AppendItems(StringBuilder text, TemplateList list, TemplateRun run)
    {
        text.Append(list.IsTuple ? '(' : '[');
        for (var i = 0; i < list.Items.Count; i++)
        {
            text.Append(i == 0 ? "" : ", ");
            Append(text, list.Items[i], run);
        }

        text.Append(list.IsTuple ? list.Items.Count == 1 ? ",)" : ")" : "]");
    }

    private static void AppendEntries(StringBuilder text, TemplateMap map, TemplateRun run)
    {
        text.Append('{');
        var first = true;
        foreach (var (key, value) in map.Entries)
        {
            text.Append(first ? "" : ", ");
            first = false;
            Append(text, key, run);
            text.Append(": ");
            Append(text, value, run);
        }

        text.Append('}');
    }

    private static void AppendQuoted(StringBuilder text, string value)
    {
        var quote = value.Contains('\'') && !value.Contains('"') ? '"' : '\'';
        text.Append(quote);
        foreach (var character in PythonString.Characters(value))
        {
            AppendCharacter(text, character, quote);
        }

        text.Append(quote);
    }

    private static void AppendCharacter(StringBuilder text, string character, char quote)
    {
        var code = character.Length == 2 ? char.ConvertToUtf32(character[0], character[1]) : character[0];
        _ = code switch
        {
            '\n' => text.Append("\\n"),
            '\r' => text.Append("\\r"),
            '\t' => text.Append("\\t"),
            '\\' => text.Append("\\\\"),
            _ when code == quote => text.Append('\\').Append(quote),
            _ when IsPrintable(code) => text.Append(character),
            <= 0xFF => text.Append(CultureInfo.InvariantCulture, $"\\x{code:x2}"),
            <= 0xFFFF => text.Append(CultureInfo.InvariantCulture, $"\\u{code:x4}"),
            _ => text.Append(CultureInfo.InvariantCulture, $"\\U{code:x8}"),
        };
    }

    // str.isprintable: no category "Other" or "Separator" but the space.
    private static bool IsPrintable(int code) => code == ' ' || CharUnicodeInfo.GetUnicodeCategory(code) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
}
