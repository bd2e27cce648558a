using System.Text.Json;

namespace Coffer.Cli.Tests;

/// <summary>One run of the tool in this process: what it wrote where, and how it ended.</summary>
internal sealed record ToolRun(int ExitCode, string Out, string Error)
{
    /// <summary>Standard output as one JSON document; fails if it is anything else.</summary>
    public JsonElement Json => JsonDocument.Parse(Out).RootElement;

    /// <summary>Standard error as one JSON document; fails if it is anything else.</summary>
    public JsonElement ErrorJson => JsonDocument.Parse(Error).RootElement;

    public static Task<ToolRun> OfAsync(params string[] arguments) => AtAsync(TimeProvider.System, arguments);

    /// <summary>At another time than now.</summary>
    public static async Task<ToolRun> AtAsync(TimeProvider clock, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await CofferTool.RunAsync(arguments, new ToolHost(output, error) { Clock = clock }, TestContext.Current.CancellationToken);
        return new ToolRun(code, output.ToString(), error.ToString());
    }

    /// <summary>It worked, and had nothing to say but the result.</summary>
    public ToolRun Succeeds()
    {
        Assert.True(ExitCode == ExitCodes.Ok, $"Exit code {ExitCode}: {Error}");
        Assert.Empty(Error);
        Assert.NotEmpty(Out);
        return this;
    }

    /// <summary>It refused in a sentence, without a result and without a stack trace.</summary>
    public ToolRun FailsWith(int exitCode)
    {
        Assert.True(exitCode == ExitCode, $"Exit code {ExitCode}, not {exitCode}: {Error}");
        Assert.Empty(Out);
        Assert.DoesNotContain("   at ", Error, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", Error, StringComparison.Ordinal);
        Assert.StartsWith("coffer: ", Error, StringComparison.Ordinal);
        Assert.InRange(Error.TrimEnd().Split('\n').Length, 1, 2);
        return this;
    }
}
