using System.Globalization;

namespace Coffer.Benchmarks;

/// <summary>A comparison as a table for people and for README.md.</summary>
internal static class MarkdownTable
{
    public static void Print(string title, IReadOnlyList<Measurement> rows)
    {
        Console.WriteLine();
        Console.WriteLine($"| {title} | median (min–max) | ratio (min–max) | difference | allocated |");
        Console.WriteLine("|---|---|---|---|---|");
        foreach (var row in rows)
        {
            var ratio = row.Ratio is { } r ? $"**{Number(r.Median)}x** ({Number(r.Min)}–{Number(r.Max)})" : "1";
            Console.WriteLine($"| {row.Name} | {Times(row.Nanoseconds)} | {ratio} | {Difference(row.Difference)} | {Bytes(row.Bytes.Median)} |");
        }
    }

    /// <summary>A time in the unit that suits it.</summary>
    public static string Time(double nanoseconds)
    {
        var (unit, name) = Unit(nanoseconds);
        return $"{Number(nanoseconds / unit)} {name}";
    }

    /// <summary>A difference of times, with its sign.</summary>
    public static string Signed(double nanoseconds) => (nanoseconds < 0 ? "" : "+") + Time(nanoseconds);

    public static string Bytes(double bytes) => bytes switch
    {
        < 0.5 => "0 B",
        < 1 << 10 => $"{Number(bytes)} B",
        < 1 << 20 => $"{Number(bytes / (1 << 10))} KiB",
        _ => $"{Number(bytes / (1 << 20))} MiB",
    };

    /// <summary>Three digits: more would be noise.</summary>
    public static string Number(double value)
    {
        var digits = Math.Abs(value) switch { >= 100 => "F0", >= 10 => "F1", _ => "F2" };
        return value.ToString(digits, CultureInfo.InvariantCulture);
    }

    // One unit a cell, the median's.
    private static string Times(Spread nanoseconds)
    {
        var (unit, name) = Unit(nanoseconds.Median);
        return $"{Number(nanoseconds.Median / unit)} {name} ({Number(nanoseconds.Min / unit)}–{Number(nanoseconds.Max / unit)})";
    }

    private static string Difference(Spread? nanoseconds) => nanoseconds is { Median: var median } ? Signed(median) : "";

    private static (double Size, string Name) Unit(double nanoseconds) => Math.Abs(nanoseconds) switch
    {
        < 1e3 => (1, "ns"),
        < 1e6 => (1e3, "µs"),
        < 1e9 => (1e6, "ms"),
        _ => (1e9, "s"),
    };
}
