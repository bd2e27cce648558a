using Coffer.Tensors;

namespace Coffer.Cli.Tests.Commands;

public sealed class BenchCommandTests(Vendor vendor) : IClassFixture<Vendor>
{
    [Fact]
    public async Task Bench_Text_ShowsWhatWasMeasured()
    {
        var run = (await BenchAsync("--calls", "25")).Succeeds();

        var lines = run.Out.TrimEnd().Split('\n').Select(line => line.TrimEnd()).ToList();
        Assert.Equal("Model       acme/digits 1.0.0", lines[0]);
        Assert.Equal("Input       a made-up picture of 256x256", lines[1]);
        Assert.Equal("Ran on      CPU", lines[2]);
        Assert.Matches(@"^Opened in   [\d,.]+ ms$", lines[3]);
        Assert.Matches(@"^Measured    25 calls of 1 input in \d+\.\d\d s, 1 at once$", lines[4]);
        Assert.Matches(@"^Throughput  [\d,.]+ inputs/s$", lines[5]);
        Assert.Matches(@"^Memory      [\d,]+ MiB resident, [\d,]+ MiB at most$", lines[6]);
        Assert.Equal("", lines[7]);
        Assert.Matches(@"^Latency +p50 +p90 +p95 +p99 +min +max +mean$", lines[8]);
        Assert.Matches(@"^ms( +[\d,.]+){7}$", lines[9]);
        Assert.Equal(10, lines.Count);
    }

    [Fact]
    public async Task Bench_Json_HoldsTheSameInOrder()
    {
        var json = (await BenchAsync("--calls", "30", "--warm-up", "2", "--json")).Succeeds().Json;

        var latency = json.GetProperty("latencyMilliseconds");
        var ordered = new[] { "min", "p50", "p90", "p95", "p99", "max" }.Select(name => latency.GetProperty(name).GetDouble()).ToList();
        Assert.True(ordered[0] > 0);
        Assert.Equal(ordered.Order(), ordered);
        Assert.InRange(latency.GetProperty("mean").GetDouble(), ordered[0], ordered[^1]);
        Assert.Equal("acme/digits", json.GetProperty("model").GetProperty("id").GetString());
        Assert.Equal(30, json.GetProperty("calls").GetInt32());
        Assert.Equal(2, json.GetProperty("warmUpCalls").GetInt32());
        Assert.Equal(1, json.GetProperty("inputsPerCall").GetInt32());
        Assert.Equal(1, json.GetProperty("concurrency").GetInt32());
        Assert.True(json.GetProperty("openMilliseconds").GetDouble() > 0);
        Assert.Equal("CPU", json.GetProperty("executionProvider").GetString());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, json.GetProperty("fallback").ValueKind);
        var memory = json.GetProperty("memory");
        Assert.InRange(memory.GetProperty("residentBytes").GetInt64(), 1, memory.GetProperty("peakBytes").GetInt64());
        Assert.Equal(30 / json.GetProperty("seconds").GetDouble(), json.GetProperty("inputsPerSecond").GetDouble(), 0.01);
    }

    [Fact]
    public async Task Bench_Seconds_EndsWithTheTime()
    {
        var json = (await BenchAsync("--seconds", "0.05", "--json")).Succeeds().Json;

        Assert.True(json.GetProperty("seconds").GetDouble() >= 0.05);
        Assert.True(json.GetProperty("calls").GetInt32() > 0);
    }

    [Fact]
    public async Task Bench_PicturesAtOnce_CountsEach()
    {
        var json = (await BenchAsync("--input", Vendor.Picture("seven.png"), "--input", Vendor.Picture("one.png"), "--batch", "4", "--calls", "5", "--concurrency", "2", "--json")).Succeeds().Json;

        Assert.Equal("seven.png, one.png", json.GetProperty("input").GetString());
        Assert.Equal(4, json.GetProperty("inputsPerCall").GetInt32());
        Assert.Equal(5, json.GetProperty("calls").GetInt32());
        Assert.Equal(2, json.GetProperty("concurrency").GetInt32());
        Assert.Equal(20 / json.GetProperty("seconds").GetDouble(), json.GetProperty("inputsPerSecond").GetDouble(), 0.01);
    }

    [Fact]
    public async Task Bench_ConcurrentCallsCollected_AllRun()
    {
        var json = (await BenchAsync("--calls", "40", "--concurrency", "8", "--micro-batch", "4", "--json")).Succeeds().Json;

        Assert.Equal(40, json.GetProperty("calls").GetInt32());
    }

    [Fact]
    public async Task Bench_DimensionOfTheGraph_MakesTensorsUp()
    {
        var json = (await BenchAsync("--dim", "batch=3", "--calls", "2", "--json")).Succeeds().Json;

        Assert.Equal("pixel_values float32 [3, 3, 32, 32], made up", json.GetProperty("input").GetString());
        Assert.Equal(3, json.GetProperty("inputsPerCall").GetInt32());
    }

    [Fact]
    public async Task Bench_TensorFile_IsTheInput()
    {
        NpyFile.Write(vendor.File("two.npy"), Tensor.Create(new float[2 * 3 * 32 * 32], 2, 3, 32, 32));

        var json = (await BenchAsync("--input", $"pixel_values={vendor.File("two.npy")}", "--calls", "2", "--json")).Succeeds().Json;

        Assert.Equal("pixel_values float32 [2, 3, 32, 32]", json.GetProperty("input").GetString());
    }

    [Fact]
    public async Task Bench_TensorModel_MakesItsInputsUp()
    {
        var (bundle, license) = await vendor.PackTensorsAsync(Path.Combine(Vendor.Digits, "model.onnx"), "bench-tensors");

        var json = (await BenchAtAsync(bundle, license, "--batch", "2", "--calls", "3", "--json")).Succeeds().Json;

        Assert.Equal("pixel_values float32 [2, 3, 32, 32], made up", json.GetProperty("input").GetString());
        (await BenchAtAsync(bundle, license, "--input", Vendor.Picture("seven.png"))).FailsWith(ExitCodes.Usage);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Bench_Prompts_SaysTokensPerSecondAndTimeToTheFirst(int batch)
    {
        var (bundle, license) = await vendor.PackAsync(Repository.File("tests", "architectures", "decoders", "llama"), "text-generation", "bench-llama");
        string[] line = ["--input", "a = b", "--input", "Hello", "--max-new-tokens", "5", "--batch", $"{batch}", "--calls", "4", "--warm-up", "1"];

        var json = (await BenchAtAsync(bundle, license, [.. line, "--json"])).Succeeds().Json;
        var text = (await BenchAtAsync(bundle, license, line)).Succeeds().Out;

        Assert.Equal("2 texts of 10 characters", json.GetProperty("input").GetString());
        Assert.Equal((batch, 4), (json.GetProperty("inputsPerCall").GetInt32(), json.GetProperty("calls").GetInt32()));
        var generated = json.GetProperty("generated");
        var tokens = generated.GetProperty("tokens").GetInt64();
        Assert.InRange(tokens, 4 * batch, 4 * 5 * batch);
        Assert.Equal(tokens / json.GetProperty("seconds").GetDouble(), generated.GetProperty("tokensPerSecond").GetDouble(), 0.5);
        var first = generated.GetProperty("firstTokenMilliseconds");
        Assert.InRange(first.GetProperty("p50").GetDouble(), double.Epsilon, first.GetProperty("p99").GetDouble());
        Assert.InRange(first.GetProperty("p99").GetDouble(), double.Epsilon, json.GetProperty("latencyMilliseconds").GetProperty("max").GetDouble());
        Assert.Matches(@"Generated   [\d,]+ tokens, [\d,.]+ tokens/s, the first after [\d,.]+ ms \(p50\), [\d,.]+ ms \(p95\)", text);
    }

    [Fact]
    public async Task Bench_Translation_TakesItsLanguages()
    {
        var (bundle, license) = await vendor.PackAsync(Repository.File("tests", "architectures", "decoders", "t5"), "translation", "bench-t5");

        var json = (await BenchAtAsync(bundle, license, "--to", "de", "--calls", "2", "--max-new-tokens", "3", "--json")).Succeeds().Json;

        Assert.StartsWith("a made-up text of ", json.GetProperty("input").GetString(), StringComparison.Ordinal);
        // The task's settings search over two beams, which know no first token before the end.
        Assert.False(json.GetProperty("generated").TryGetProperty("firstTokenMilliseconds", out _));
        Assert.Contains("en to de", (await BenchAtAsync(bundle, license, "--to", "es")).FailsWith(ExitCodes.Usage).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bench_Texts_AreTheInputOfAModelThatReads()
    {
        var (bundle, license) = await vendor.PackAsync(Repository.File("samples", "models", "sentiment"), "text-classification", "bench-sentiment");

        var json = (await BenchAtAsync(bundle, license, "--input", "A lovely film.", "--batch", "4", "--calls", "3", "--json")).Succeeds().Json;

        Assert.Equal(("1 text of 14 characters", 4), (json.GetProperty("input").GetString(), json.GetProperty("inputsPerCall").GetInt32()));
        Assert.False(json.TryGetProperty("generated", out _));
        (await BenchAtAsync(bundle, license, "--max-new-tokens", "0")).FailsWith(ExitCodes.Usage);
    }

    [Fact]
    public async Task Bench_LicenseWithAQuota_IsChargedForTheWarmUpToo()
    {
        var license = await IssueAsync("counted.license", calls: 12);

        (await BenchAtAsync(vendor.Bundle, license, "--warm-up", "3", "--calls", "4", "--batch", "1")).Succeeds();
        (await BenchAtAsync(vendor.Bundle, license, "--warm-up", "1", "--calls", "1", "--batch", "2")).Succeeds();
        (await vendor.RunAsync([Vendor.Picture("seven.png")], license: license)).Succeeds();

        (await vendor.RunAsync([Vendor.Picture("seven.png")], license: license)).FailsWith(ExitCodes.LicenseRefused);
    }

    [Fact]
    public async Task Bench_QuotaThatEndsInTheMiddle_IsRefused()
    {
        var license = await IssueAsync("short.license", calls: 20);

        (await BenchAtAsync(vendor.Bundle, license, "--calls", "50", "--concurrency", "4")).FailsWith(ExitCodes.LicenseRefused);
    }

    [Fact]
    public async Task Bench_ProviderThatIsNotHere_SaysWhereItRan()
    {
        var run = await BenchAsync("--provider", "directml", "--calls", "2", "--json");

        Assert.Equal(ExitCodes.Ok, run.ExitCode);
        Assert.Contains("It ran on CPU instead of DirectML", run.Error, StringComparison.Ordinal);
        Assert.Equal("DirectML", run.Json.GetProperty("fallback").GetProperty("from").GetString());
    }

    [Fact]
    public async Task Bench_TamperedBundle_IsRejected()
    {
        var path = await Tampering.FlipAsync(vendor.Bundle, vendor.File("flipped-bench.coffer"), fromEnd: 1);

        (await BenchAtAsync(path, vendor.License, "--calls", "1")).FailsWith(ExitCodes.BundleRejected);
    }

    [Theory]
    [InlineData("--calls", "0")]
    [InlineData("--seconds", "0")]
    [InlineData("--seconds", "soon")]
    [InlineData("--warm-up", "0")]
    [InlineData("--concurrency", "0")]
    [InlineData("--batch", "0")]
    [InlineData("--micro-batch", "0")]
    [InlineData("--dim", "batch")]
    [InlineData("--input", "none.png")]
    [InlineData("--input", "y=none.npy")]
    public async Task Bench_BadOption_IsUsage(string option, string value) => (await BenchAsync(option, value)).FailsWith(ExitCodes.Usage);

    [Fact]
    public async Task Bench_PicturesAndTensors_IsUsage() =>
        (await BenchAsync("--input", Vendor.Picture("seven.png"), "--input", "x=y.npy")).FailsWith(ExitCodes.Usage);

    [Fact]
    public async Task Bench_UnknownInput_SaysWhatTheGraphTakes()
    {
        NpyFile.Write(vendor.File("any.npy"), Tensor.Create(new float[1], 1));

        var run = (await BenchAsync("--input", $"x={vendor.File("any.npy")}")).FailsWith(ExitCodes.Usage);

        Assert.Contains("pixel_values float32 [batch, 3, 32, 32]", run.Error, StringComparison.Ordinal);
    }

    private Task<ToolRun> BenchAsync(params string[] options) => BenchAtAsync(vendor.Bundle, vendor.License, options);

    private Task<ToolRun> BenchAtAsync(string bundle, string license, params string[] options) =>
        ToolRun.OfAsync(["bench", bundle, "--trust", vendor.Trust, "--license", license, "--device", vendor.DeviceKey, .. options]);

    private async Task<string> IssueAsync(string name, int calls)
    {
        var path = vendor.File(name);
        (await ToolRun.OfAsync("license", "issue", vendor.Bundle, "--keys", vendor.Keys, "--device", vendor.Device, "--calls", $"{calls}", "-o", path)).Succeeds();
        return path;
    }
}
