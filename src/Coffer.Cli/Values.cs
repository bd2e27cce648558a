using System.Globalization;
using Coffer.Packaging;

namespace Coffer.Cli;

/// <summary>Reads the values of options. Whatever does not fit is a <see cref="FormatException"/> that names the option and the form.</summary>
internal static class Values
{
    /// <summary>A number or a fraction: <c>0.5</c>, <c>1/255</c>.</summary>
    public static double Number(string option, string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 && TryNumber(text, out var number))
        {
            return number;
        }

        return slash > 0 && TryNumber(text[..slash], out var numerator) && TryNumber(text[(slash + 1)..], out var denominator) && denominator != 0
            ? numerator / denominator
            : throw Bad(option, text, "a number such as 0.5 or 1/255");
    }

    /// <summary>A whole number in a range.</summary>
    public static long Whole(string option, string text, long min, long max = long.MaxValue) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw Bad(option, text, max == long.MaxValue ? $"a whole number, {min} or more" : $"a whole number from {min} to {max}");

    /// <summary>Numbers with commas between.</summary>
    public static double[] Numbers(string option, string text) => [.. List(option, text).Select(item => Number(option, item))];

    /// <summary>Words with commas between.</summary>
    public static string[] List(string option, string text)
    {
        var items = text.Split(',', StringSplitOptions.TrimEntries);
        return Array.TrueForAll(items, item => item.Length > 0) ? items : throw Bad(option, text, "a list with commas between and nothing empty");
    }

    /// <summary>A height and a width, <c>480x640</c>, or one number for both.</summary>
    public static ImageSize Size(string option, string text)
    {
        var edges = text.Split('x');
        return edges.Length switch
        {
            1 => new ImageSize(Edge(option, text), Edge(option, text)),
            2 => new ImageSize(Edge(option, edges[0]), Edge(option, edges[1])),
            _ => throw Bad(option, text, "a size such as 224 or 480x640, height first"),
        };
    }

    public static int Edge(string option, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var edge) && edge > 0 ? edge : throw Bad(option, text, "a number of pixels above 0");

    /// <summary><c>1x3x224x224</c>.</summary>
    public static IReadOnlyList<long> Shape(string option, string text) => [.. text.Split('x').Select(size => Dimension(option, size))];

    public static long Dimension(string option, string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : throw Bad(option, text, "a whole number, or for a shape several with x between: 1x3x224x224");

    /// <summary>Values by name, from <c>name=value</c>. The value begins behind the last equals sign: names of tensors may hold some.</summary>
    public static IReadOnlyDictionary<string, T> Pairs<T>(string option, string[]? texts, Func<string, string, T> read)
    {
        var pairs = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var text in texts ?? [])
        {
            var equals = text.LastIndexOf('=');
            if (equals <= 0 || equals == text.Length - 1)
            {
                throw Bad(option, text, "a name and a value with '=' between");
            }

            if (!pairs.TryAdd(text[..equals], read(option, text[(equals + 1)..])))
            {
                throw new FormatException($"{option} names '{text[..equals]}' twice. Give it once.");
            }
        }

        return pairs;
    }

    /// <summary>One of a few words, whatever their case.</summary>
    public static T OneOf<T>(string option, string text, IReadOnlyList<(string Word, T Value)> choices)
    {
        foreach (var (word, value) in choices)
        {
            if (string.Equals(word, text, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        throw Bad(option, text, $"one of {string.Join(", ", choices.Select(choice => choice.Word))}");
    }

    /// <summary>A moment: a span from now (<c>30d</c>, <c>12h</c>, <c>90m</c>), a date (its first moment, UTC), or RFC 3339.</summary>
    public static DateTimeOffset Moment(string option, string text, DateTimeOffset now)
    {
        if (TrySpan(text, out var fromNow))
        {
            return now + fromNow;
        }

        return DateTimeOffset.TryParseExact(text, MomentFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment)
            ? moment
            : throw Bad(option, text, "a time: 30d, 12h or 90m from now, 2027-01-31, or 2027-01-31T18:00:00Z");
    }

    /// <summary>A span of time of a minute or more: <c>30d</c>, <c>12h</c>, <c>90m</c>.</summary>
    public static TimeSpan Span(string option, string text) =>
        TrySpan(text, out var span) && span > TimeSpan.Zero ? span : throw Bad(option, text, "a span of time such as 30d, 12h or 90m");

    /// <summary>An address, https or http, or <c>*</c> for every one.</summary>
    public static string Endpoint(string option, string text) =>
        text == LicenseText.Any || (Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp))
            ? text
            : throw Bad(option, text, "an address such as https://models.example.com/v1, or *");

    public static FormatException Bad(string option, string text, string form) => new($"{option} is '{text}'; it must be {form}.");

    private static bool TryNumber(string text, out double number) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);

    private static bool TrySpan(string text, out TimeSpan span)
    {
        TimeSpan? read = null;
        if (text.Length > 1 && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            // At most some thousand years: no count of an int takes a sum out of DateTimeOffset's range unnoticed.
            read = (text[^1], count) switch
            {
                ('d', <= MaxDays) => TimeSpan.FromDays(count),
                ('h', <= MaxDays * 24) => TimeSpan.FromHours(count),
                ('m', <= MaxDays * 24 * 60) => TimeSpan.FromMinutes(count),
                _ => null,
            };
        }

        span = read ?? default;
        return read is not null;
    }

    // 1000 years.
    private const int MaxDays = 365_250;

    /// <summary>A <see cref="Moment"/> that is still to come.</summary>
    public static DateTimeOffset Future(string option, string text, DateTimeOffset now)
    {
        var moment = Moment(option, text, now);
        return moment > now ? moment : throw new FormatException($"{option} is '{text}', which is over already. Give a time in the future.");
    }

    private static readonly string[] MomentFormats = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK"];
}
