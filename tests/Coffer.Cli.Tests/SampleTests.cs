namespace Coffer.Cli.Tests;

/// <summary>The samples, each in a process of its own: they end with an error if what should be refused is accepted.</summary>
public sealed class SampleTests
{
    [Theory]
    [InlineData("QuickStart", "DeviceMismatch", "SignatureInvalid")]
    [InlineData("LicensedDistribution", "Widened", "QuotaExceeded", "ClockRollback", "Revoked")]
    public async Task Run_Sample_TellsItsStoryToTheEnd(string sample, params string[] named)
    {
        var run = (await ProcessTests.StartAsync(sample, [])).Succeeds();

        Assert.All(named, refusal => Assert.Contains($"refused ({refusal}", run.Out, StringComparison.Ordinal));
    }

    // Each result comes from where the sample says, or it ends with an error.
    [Fact]
    public async Task Run_Hybrid_GoesOnWhileSidesComeAndGo()
    {
        var run = (await ProcessTests.StartAsync("Hybrid", [])).Succeeds();

        Assert.Contains("from the endpoint", run.Out, StringComparison.Ordinal);
        Assert.Contains("on this device", run.Out, StringComparison.Ordinal);
        Assert.Contains("each once, whatever it took", run.Out, StringComparison.Ordinal);
    }
}
