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
}
