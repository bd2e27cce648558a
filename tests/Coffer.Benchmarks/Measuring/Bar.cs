using System.Globalization;

namespace Coffer.Benchmarks;

/// <summary>A figure that Coffer has to reach, against a peer that is measured in the same run. The last table of a run shows all of them.</summary>
/// <param name="What">What is done, and how large it is.</param>
/// <param name="Peer">Who else does it.</param>
/// <param name="PeerFigure">What the peer took; empty where there is none to show.</param>
/// <param name="Figure">What Coffer took.</param>
/// <param name="Value">The number that the bar is about: mostly a ratio.</param>
/// <param name="Bound">What it has to be.</param>
/// <param name="IsMet">Null where it was not measured.</param>
internal sealed record Bar(string What, string Peer, string PeerFigure, string Figure, string Value, string Bound, bool? IsMet)
{
    /// <summary>Coffer takes at most so many times the peer's time: the median of the rounds' ratios.</summary>
    public static Bar AtMost(string what, Measurement peer, Measurement own, double bound) =>
        AtMost(what, peer.Name, Time(peer), Time(own), Ratio(own), bound);

    /// <summary>Coffer takes at most so many times what the peer takes.</summary>
    public static Bar AtMost(string what, string peer, string peerFigure, string figure, double ratio, double bound) =>
        new(what, peer, peerFigure, figure, Times(ratio), "<= " + Times(bound), ratio <= bound);

    /// <summary>Coffer is at least so many times as fast as the peer, in time for the same work: the median of the rounds' ratios, turned over.</summary>
    public static Bar AtLeast(string what, Measurement peer, Measurement own, double bound) =>
        AtLeast(what, peer.Name, Time(peer), Time(own), 1 / Ratio(own), bound);

    /// <summary>Coffer gives at least so many times what the peer gives.</summary>
    public static Bar AtLeast(string what, string peer, string peerFigure, string figure, double ratio, double bound) =>
        new(what, peer, peerFigure, figure, Times(ratio), ">= " + Times(bound), ratio >= bound);

    /// <summary>Coffer takes at most so much longer than the peer: the median of the rounds' differences.</summary>
    public static Bar Longer(string what, Measurement peer, Measurement own, TimeSpan bound)
    {
        var difference = own.Difference?.Median ?? throw NotCompared(own);
        return new Bar(what, peer.Name, Time(peer), Time(own), MarkdownTable.Signed(difference), "<= +" + MarkdownTable.Time(bound.TotalNanoseconds), difference <= bound.TotalNanoseconds);
    }

    /// <summary>Coffer allocates at most so many bytes of managed memory a call.</summary>
    public static Bar Allocates(string what, Measurement own, double bytes)
    {
        // One byte a call is more than measuring itself adds, which is divided by the calls of a sample.
        var allocated = own.Bytes.Median;
        return new Bar(what, "", "", MarkdownTable.Bytes(allocated), MarkdownTable.Bytes(allocated), "<= " + MarkdownTable.Bytes(bytes), allocated < bytes + 0.5);
    }

    /// <summary>A bar that this run says nothing about, and why.</summary>
    public static Bar NotMeasured(string what, string peer, string bound, string reason) => new(what, peer, "", "", reason, bound, null);

    private static string Time(Measurement measurement) => MarkdownTable.Time(measurement.Nanoseconds.Median);

    private static double Ratio(Measurement own) => own.Ratio?.Median ?? throw NotCompared(own);

    private static string Times(double ratio) => ratio.ToString(ratio is > 0 and < 0.1 ? "0.000" : "0.00", CultureInfo.InvariantCulture) + "x";

    private static ArgumentException NotCompared(Measurement own) => new($"'{own.Name}' is the first contender of its comparison, so there is no ratio to a peer.");
}
