using Coffer.Packaging;

namespace Coffer.Cli.Tests;

public sealed class ValuesTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 15, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("30d", "2026-02-14T12:00:00Z")]
    [InlineData("12h", "2026-01-16T00:00:00Z")]
    [InlineData("90m", "2026-01-15T13:30:00Z")]
    [InlineData("2027-01-31", "2027-01-31T00:00:00Z")]
    [InlineData("2027-01-31T18:00Z", "2027-01-31T18:00:00Z")]
    [InlineData("2027-01-31T18:00:30+02:00", "2027-01-31T16:00:30Z")]
    public void Moment_EveryForm_IsUtc(string text, string expected) => Assert.Equal(expected, Text.Stamp(Values.Moment("--expires", text, Now)));

    [Theory]
    [InlineData("")]
    [InlineData("d")]
    [InlineData("30")]
    [InlineData("30w")]
    [InlineData("-1d")]
    [InlineData("1.5d")]
    [InlineData("365251d")]
    [InlineData("2027-02-30")]
    [InlineData("31/01/2027")]
    public void Moment_AnythingElse_IsRefused(string text) => Assert.Throws<FormatException>(() => Values.Moment("--expires", text, Now));

    [Theory]
    [InlineData("7d", 7 * 24 * 60)]
    [InlineData("12h", 12 * 60)]
    [InlineData("90m", 90)]
    public void Span_EveryForm_IsRead(string text, int minutes) => Assert.Equal(TimeSpan.FromMinutes(minutes), Values.Span("--window", text));

    [Theory]
    [InlineData("0d")]
    [InlineData("-1h")]
    [InlineData("7")]
    [InlineData("1w")]
    [InlineData("2027-01-31")]
    public void Span_AnythingElse_IsRefused(string text) => Assert.Throws<FormatException>(() => Values.Span("--window", text));

    [Theory]
    [InlineData("ftp://example.com")]
    [InlineData("example.com/v1")]
    public void Endpoint_NoWebAddress_IsRefused(string text) => Assert.Throws<FormatException>(() => Values.Endpoint("--endpoints", text));

    [Theory]
    [InlineData(30 * 24 * 60, "in 30 days")]
    [InlineData(36 * 60, "in 36 hours")]
    [InlineData(90, "in 90 minutes")]
    [InlineData(0, "just now")]
    [InlineData(-1, "1 minute ago")]
    [InlineData(-3 * 24 * 60, "3 days ago")]
    public void FromNow_Time_IsInItsLargestUnit(int minutes, string expected) => Assert.Equal(expected, Text.FromNow(Now.AddMinutes(minutes), Now));

    [Theory]
    [InlineData("0.5", 0.5)]
    [InlineData("1/255", 1 / 255.0)]
    [InlineData("-3e2", -300)]
    public void Number_NumberOrFraction_IsRead(string text, double expected) => Assert.Equal(expected, Values.Number("--scale", text));

    [Theory]
    [InlineData("NaN")]
    [InlineData("1/0")]
    [InlineData("1/2/3")]
    [InlineData("0,5")]
    [InlineData("/2")]
    public void Number_AnythingElse_IsRefused(string text) => Assert.Throws<FormatException>(() => Values.Number("--scale", text));

    [Fact]
    public void Size_TwoNumbers_AreHeightAndWidth()
    {
        Assert.Equal(new ImageSize(480, 640), Values.Size("--size", "480x640"));
        Assert.Equal(new ImageSize(224, 224), Values.Size("--size", "224"));
    }

    [Fact]
    public void Pairs_NameWithEqualsSign_EndsAtTheLast()
    {
        var pairs = Values.Pairs("--shape", ["a=b=1x3", "c=2"], Values.Shape);

        Assert.Equal([1L, 3L], pairs["a=b"]);
        Assert.Equal([2L], pairs["c"]);
    }

    [Fact]
    public void Pairs_TwiceTheSameName_IsRefused() => Assert.Throws<FormatException>(() => Values.Pairs("--dim", ["a=1", "a=2"], Values.Dimension));

    [Theory]
    [InlineData("cpu", "CPU")]
    [InlineData("CUDA:1", "CUDA (device_id=1)")]
    [InlineData("openvino:GPU", "OpenVINO (device_type=GPU)")]
    public void Provider_Word_IsItsProvider(string text, string expected) => Assert.Equal(expected, ProviderNames.Parse("--provider", text).ToString());

    [Fact]
    public void Provider_EveryWordOfHelp_IsKnown() =>
        Assert.All(ProviderNames.All, word => Assert.Equal(word, ProviderNames.Licensed("--providers", word), ignoreCase: true));
}
