using System.Text.RegularExpressions;

namespace Coffer.Cli.Tests;

public sealed partial class HelpTests
{
    public static TheoryData<string> Commands => ["", "keys", "keys init", "keys grant", "pack", "inspect", "verify", "license", "license issue", "license renew", "license narrow", "license revoke", "license show", "license receipt", "license audit", "status", "status init", "status publish", "status show", "issuers", "issuers publish", "issuers show", "run", "bench", "serve", "doctor"];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Help_EveryCommand_HoldsAnExampleThatParses(string command)
    {
        var run = (await ToolRun.OfAsync([.. Words(command), "--help"])).Succeeds();

        var examples = run.Out[run.Out.IndexOf("Example:", StringComparison.Ordinal)..].Split('\n').Where(line => line.StartsWith("  coffer ", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(examples);
        Assert.All(examples, example => Assert.StartsWith($"coffer {command}".TrimEnd(), example.Trim(), StringComparison.Ordinal));

        // Parsed, not run: with one more option that nobody knows, an example fails for that alone.
        foreach (var example in examples)
        {
            var parsed = await ToolRun.OfAsync([.. Words(example.Trim())[1..], "--no-such-option"]);
            Assert.Equal(ExitCodes.Usage, parsed.ExitCode);
            Assert.Contains("--no-such-option", parsed.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("required", parsed.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Version_Option_IsTheSdks()
    {
        var run = (await ToolRun.OfAsync("--version")).Succeeds();

        Assert.Matches(SemVer(), run.Out.Trim());
    }

    [Theory]
    [InlineData("", "keys, pack, rekey, timestamp, inspect, verify, license, status, issuers, run, bench, serve, doctor")]
    [InlineData("pakc", "'pakc'")]
    [InlineData("license", "issue, renew, narrow, revoke, show, receipt, audit")]
    [InlineData("status", "init, publish, show")]
    [InlineData("license recall", "'recall'")]
    [InlineData("inspect", "FILE")]
    [InlineData("inspect a b", "b")]
    [InlineData("verify a.coffer", "--trust")]
    [InlineData("doctor --verbose", "--verbose")]
    public async Task Parse_CommandLineThatCantBeFollowed_IsUsageAndPointsToHelp(string line, string named)
    {
        var run = (await ToolRun.OfAsync(Words(line))).FailsWith(ExitCodes.Usage);

        Assert.Contains(named, run.Error, StringComparison.Ordinal);
        Assert.Contains("--help", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parse_WithJson_ErrorsAreJson()
    {
        var run = await ToolRun.OfAsync("pack", "--json");

        Assert.Equal(ExitCodes.Usage, run.ExitCode);
        Assert.Empty(run.Out);
        Assert.Equal("usage", run.ErrorJson.GetProperty("kind").GetString());
    }

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex(@"^\d+\.\d+\.\d+(-[\w.]+)?$")]
    private static partial Regex SemVer();
}
