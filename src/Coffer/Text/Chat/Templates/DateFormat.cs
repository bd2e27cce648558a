using System.Globalization;
using System.Text;

namespace Coffer.Text.Templates;

/// <summary>Python's <c>strftime</c> in the C locale.</summary>
internal static class DateFormat
{
    public static string Write(DateTimeOffset time, string format, TemplateRun run)
    {
        var text = new StringBuilder();
        for (var at = 0; at < format.Length; at++)
        {
            if (format[at] != '%' || at + 1 == format.Length)
            {
                text.Append(format[at]);
                continue;
            }

            at++;
            var unpadded = format[at] == '-' && at + 1 < format.Length;
            at += unpadded ? 1 : 0;
            var field = Field(time, format[at]) ?? throw run.Fail($"strftime_now does not know '%{format[at]}'.", TextTemplateError.Unsupported);
            text.Append(unpadded && field.Length > 1 ? field.TrimStart('0') is { Length: > 0 } digits ? digits : "0" : field);
        }

        return run.Made(text.ToString());
    }

    private static string? Field(DateTimeOffset time, char field) => field switch
    {
        'Y' => Text(time, "yyyy"),
        'y' => Text(time, "yy"),
        'm' => Text(time, "MM"),
        'd' => Text(time, "dd"),
        'e' => time.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2),
        'H' => Text(time, "HH"),
        'I' => Text(time, "hh"),
        'M' => Text(time, "mm"),
        'S' => Text(time, "ss"),
        'f' => Text(time, "ffffff"),
        'p' => Text(time, "tt"),
        'a' => Text(time, "ddd"),
        'A' => Text(time, "dddd"),
        'b' or 'h' => Text(time, "MMM"),
        'B' => Text(time, "MMMM"),
        'j' => time.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
        'u' => (((int)time.DayOfWeek + 6) % 7 + 1).ToString(CultureInfo.InvariantCulture),
        'w' => ((int)time.DayOfWeek).ToString(CultureInfo.InvariantCulture),
        'F' => Text(time, "yyyy-MM-dd"),
        'T' => Text(time, "HH':'mm':'ss"),
        'D' => Text(time, "MM'/'dd'/'yy"),
        'z' or 'Z' => "",
        'n' => "\n",
        't' => "\t",
        '%' => "%",
        _ => null,
    };

    private static string Text(DateTimeOffset time, string format) => time.ToString(format, CultureInfo.InvariantCulture);
}
