namespace Coffer.Benchmarks;

/// <summary>Every bar of a run as one table, for people and for README.md.</summary>
internal static class BarTable
{
    public static void Write(TextWriter output, IReadOnlyList<Bar> bars)
    {
        output.WriteLine();
        output.WriteLine("| | peer | peer's figure | Coffer's | value | bar | |");
        output.WriteLine("|---|---|---|---|---|---|---|");
        foreach (var bar in bars)
        {
            var verdict = bar.IsMet switch { true => "met", false => "**not met**", null => "not measured" };
            output.WriteLine($"| {bar.What} | {bar.Peer} | {bar.PeerFigure} | {bar.Figure} | {bar.Value} | {bar.Bound} | {verdict} |");
        }
    }

    public static string Summarize(IReadOnlyList<Bar> bars) =>
        $"{bars.Count(bar => bar.IsMet == true)} met, {bars.Count(bar => bar.IsMet == false)} not met, {bars.Count(bar => bar.IsMet is null)} not measured.";
}
