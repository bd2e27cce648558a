using Coffer.Tests.Text;

namespace Coffer.Cli.Tests.Commands;

public sealed class RunTextTests(Vendor vendor) : IClassFixture<Vendor>
{
    private const string Quiet = "A quiet, lovely film.";

    [Fact]
    public async Task Run_Texts_PutsTheClassesBesideThem()
    {
        var run = (await RunAsync(Quiet, "loud noise and it never ends !", "--top-k", "1")).Succeeds();

        var lines = run.Out.TrimEnd().Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.Matches(@"^A quiet, lovely film\. +[a-z]+ +\d+\.\d %$", lines[0].TrimEnd());
        Assert.Matches(@"^loud noise and it never ends ! +[a-z]+ +\d+\.\d %$", lines[1].TrimEnd());
    }

    [Fact]
    public async Task Run_Json_HoldsTheScoresOfTheGraph()
    {
        var json = (await RunAsync(Quiet, "--json")).Succeeds().Json;

        var result = json.GetProperty("results")[0];
        var logits = new TinyTextModel().Logits("[CLS] a quiet , lovely film . [SEP]", "0 0 0 0 0 0 0 0");
        var total = logits.Sum(Math.Exp);
        Assert.Equal(Quiet, result.GetProperty("input").GetString());
        Assert.Equal(3, result.GetProperty("classes").GetArrayLength());
        foreach (var entry in result.GetProperty("classes").EnumerateArray())
        {
            var index = entry.GetProperty("index").GetInt32();
            Assert.Equal(TinyTextModel.Labels[index], entry.GetProperty("label").GetString());
            Assert.Equal(Math.Exp(logits[index]) / total, entry.GetProperty("score").GetDouble(), 1e-5);
        }

        Assert.Equal("CPU", result.GetProperty("executionProvider").GetString());
    }

    [Fact]
    public async Task Run_Pair_GivesAnotherAnswerThanTheTextAlone()
    {
        var alone = (await RunAsync("quiet", "--json")).Succeeds().Json.GetProperty("results")[0].GetProperty("classes")[0];
        var pair = (await RunAsync("quiet", "--pair", "dull noise", "--json")).Succeeds().Json.GetProperty("results")[0].GetProperty("classes")[0];

        Assert.NotEqual(alone.GetProperty("score").GetDouble(), pair.GetProperty("score").GetDouble());
    }

    [Fact]
    public async Task Run_TextThatIsTooLong_IsReportedAndTheOthersGoOn()
    {
        var text = string.Join(' ', Enumerable.Repeat("film", 15));

        var run = await RunAsync(text, Quiet, "--top-k", "1");

        Assert.Equal(ExitCodes.Usage, run.ExitCode);
        Assert.Contains("5 more than the limit of 12", run.Error, StringComparison.Ordinal);
        Assert.StartsWith(Quiet, run.Out, StringComparison.Ordinal);
        (await RunAsync(text, "--truncate")).Succeeds();
    }

    [Fact]
    public async Task Run_Threshold_LeavesOutWhatIsBelow()
    {
        Assert.Contains("(none)", (await RunAsync(Quiet, "--threshold", "1.5")).Succeeds().Out, StringComparison.Ordinal);
        (await RunAsync(Quiet, "--threshold", "high")).FailsWith(ExitCodes.Usage);
    }

    private async Task<ToolRun> RunAsync(params string[] line)
    {
        var (bundle, license) = await vendor.PackAsync(new TinyTextModel().Write(vendor.File("mood")), "text-classification", "mood");
        return await vendor.RunAsync(line, bundle: bundle, license: license);
    }
}
