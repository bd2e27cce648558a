using System.Globalization;
using System.Text;

namespace Coffer.Text.Templates;

/// <summary>Python's <c>%</c> on texts: <c>%s %r %d %i %f %x %%</c> with flags, width and precision.</summary>
internal static class PythonFormat
{
    private const int MaxWidth = 1000;

    public static string Apply(string format, IReadOnlyList<object?> values, TemplateRun run)
    {
        var text = new StringBuilder();
        var next = 0;
        for (var at = 0; at < format.Length; at++)
        {
            if (format[at] != '%')
            {
                text.Append(format[at]);
                continue;
            }

            var start = ++at;
            while (at < format.Length && format[at] is '-' or '0' or '+' or ' ')
            {
                at++;
            }

            var flags = format[start..at];
            var width = ReadNumber(format, ref at, run);
            var precision = at < format.Length && format[at] == '.' ? ReadNumber(format, ref at, run, skip: 1) : -1;
            var kind = at < format.Length ? format[at] : throw run.Fail("a format ends within '%'.");
            if (kind == '%')
            {
                text.Append('%');
                continue;
            }

            var value = next < values.Count ? values[next++] : throw run.Fail("a format has more places than values.");
            var field = Pad(Format(kind, value, flags, precision, run), flags, width, isText: kind is 's' or 'r');
            run.Reserve(field.Length);
            text.Append(field);
        }

        return next == values.Count ? run.Made(text.ToString()) : throw run.Fail("a format has more values than places.");
    }

    private static string Format(char kind, object? value, string flags, int precision, TemplateRun run)
    {
        if (kind is 's' or 'r')
        {
            var text = kind == 's' ? PythonText.Of(value, run) : PythonText.Represent(value, run);
            return precision >= 0 && precision < text.Length ? text[..precision] : text;
        }

        var number = TemplateValue.Number(value) ?? throw run.Fail($"'%{kind}' needs a number, not {TemplateValue.TypeOf(value)}.");
        var digits = kind switch
        {
            'd' or 'i' => (number is long integer ? integer : Math.Truncate((double)number)).ToString("F0", CultureInfo.InvariantCulture),
            'f' => TemplateValue.AsDouble(number).ToString("F" + (precision < 0 ? 6 : precision).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
            'x' when number is long hex && hex >= 0 => hex.ToString("x", CultureInfo.InvariantCulture),
            _ => throw run.Fail($"the format '%{kind}' is not one that chat templates have; use %s, %r, %d, %i, %f or %x.", TextTemplateError.Unsupported),
        };
        return digits[0] == '-' ? digits : flags.Contains('+') ? "+" + digits : flags.Contains(' ') ? " " + digits : digits;
    }

    private static string Pad(string field, string flags, int width, bool isText)
    {
        if (flags.Contains('-'))
        {
            return field.PadRight(Math.Max(width, 0));
        }

        if (!flags.Contains('0') || isText)
        {
            return field.PadLeft(Math.Max(width, 0));
        }

        var sign = field[0] is '-' or '+' or ' ' ? 1 : 0;
        return field[..sign] + field[sign..].PadLeft(Math.Max(width - sign, 0), '0');
    }

    private static int ReadNumber(string format, ref int at, TemplateRun run, int skip = 0)
    {
        at += skip;
        var start = at;
        while (at < format.Length && char.IsAsciiDigit(format[at]))
        {
            at++;
        }

        if (at == start)
        {
            return skip == 0 ? -1 : 0;
        }

        return int.TryParse(format.AsSpan(start, at - start), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= MaxWidth
            ? number
            : throw run.Fail($"a format asks for more than {MaxWidth} characters.", TextTemplateError.LimitExceeded);
    }
}
