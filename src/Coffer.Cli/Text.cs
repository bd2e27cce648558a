using System.Globalization;

namespace Coffer.Cli;

/// <summary>How times, sizes and scores look to people, in every culture the same.</summary>
internal static class Text
{
    public static string Of(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>RFC 3339, for programs.</summary>
    public static string Stamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string Bytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes:N0} bytes");

    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A count and what is counted: <c>1 call</c>, <c>1,000 calls</c>.</summary>
    public static string Count(long count, string noun) => count == 1 ? $"1 {noun}" : $"{Count(count)} {noun}s";

    /// <summary>A span in the largest unit that it is whole in: <c>30 days</c>, <c>90 minutes</c>.</summary>
    public static string Span(TimeSpan span)
    {
        var (count, unit) = span.Ticks % TimeSpan.TicksPerDay == 0 ? ((long)span.TotalDays, "day")
            : span.Ticks % TimeSpan.TicksPerHour == 0 ? ((long)span.TotalHours, "hour")
            : span.Ticks % TimeSpan.TicksPerMinute == 0 ? ((long)span.TotalMinutes, "minute")
            : ((long)span.TotalSeconds, "second");
        return Count(count, unit);
    }

    /// <summary>A span rounded to its largest unit: <c>29 days</c>, <c>3 hours</c>.</summary>
    public static string Roughly(TimeSpan span) => Span(
        span >= TimeSpan.FromDays(2) ? TimeSpan.FromDays(Math.Round(span.TotalDays))
        : span >= TimeSpan.FromHours(2) ? TimeSpan.FromHours(Math.Round(span.TotalHours))
        : span >= TimeSpan.FromMinutes(2) ? TimeSpan.FromMinutes(Math.Round(span.TotalMinutes))
        : TimeSpan.FromSeconds(Math.Max(Math.Round(span.TotalSeconds), 1)));

    /// <summary>A time as seen from now: <c>in 29 days</c>, <c>3 hours ago</c>.</summary>
    public static string FromNow(DateTimeOffset time, DateTimeOffset now) => time > now ? $"in {Roughly(time - now)}"
        : now - time < TimeSpan.FromSeconds(1) ? "just now"
        : $"{Roughly(now - time)} ago";

    /// <summary>For a span that comes again: <c>each day</c>, <c>each 90 minutes</c>.</summary>
    public static string Each(TimeSpan span) => Span(span) is var text && text.StartsWith("1 ", StringComparison.Ordinal) ? $"each {text[2..]}" : $"each {text}";

    public static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.0} ms");
}
