using System.Diagnostics;
using Coffer.Inference;
using Coffer.Onnx;
using static Coffer.Tests.Onnx.TinyModel;

namespace Coffer.Gpu.Tests;

public sealed class ProviderTests
{
    private const string DeviceVariable = "COFFER_GPU_TESTS_DEVICE";
    private const int DoubleType = 11;

    public ProviderTests() => GpuRuntime.Require();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static ExecutionOptions Required { get; } = new() { Providers = [ExecutionProvider.WebGpu], RequireGpu = true };

    [Fact]
    public void Describe_FirstThatServes_IsReportedWithWhyTheOnesBeforeDidNot()
    {
        using var runner = TestGraph.Runner(Twice(FloatType), new() { Providers = [ExecutionProvider.Cuda(), ExecutionProvider.WebGpu] });

        var signature = runner.Describe("model");

        Assert.Equal("WebGPU", signature.ExecutionProvider);
        Assert.Equal("CUDA", signature.Fallback!.From);
        Assert.Contains("libonnxruntime_providers_cuda.so", signature.Fallback.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void RequireGpu_GraphThatWebGpuComputes_Runs()
    {
        using var runner = TestGraph.Runner(Twice(FloatType), Required);

        var signature = runner.Describe("model");

        Assert.Equal("WebGPU", signature.ExecutionProvider);
        Assert.Null(signature.Fallback);
        AssertDoubles(runner);
    }

    [Fact]
    public void RequireGpu_NodeThatOnlyTheProcessorComputes_ThrowsProviderUnavailable()
    {
        // WGSL has no 64-bit floating point.
        using var runner = TestGraph.Runner(Twice(DoubleType), Required);

        var exception = Assert.Throws<InferenceException>(() => runner.Describe("model"));

        Assert.Equal(InferenceError.ProviderUnavailable, exception.Error);
        Assert.Contains("WebGPU was passed over", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_OfWebGpu_ReachIt()
    {
        using var runner = TestGraph.Runner(Twice(FloatType), Required with { Providers = [ExecutionProvider.WebGpuWith(new WebGpuOptions { PreferNchw = true, Int64 = true })] });
        AssertDoubles(runner);
        var nonsense = ExecutionProvider.WebGpuWith(new WebGpuOptions { Additional = new Dictionary<string, string> { ["preferredLayout"] = "nonsense" } });
        using var refused = TestGraph.Runner(Twice(FloatType), Required with { Providers = [nonsense] });

        var exception = Assert.Throws<InferenceException>(() => refused.Describe("model"));

        Assert.Equal(InferenceError.ProviderUnavailable, exception.Error);
        Assert.True(exception.Message.Contains("nonsense", StringComparison.Ordinal), exception.Message);
    }

    [Theory]
    [InlineData(1L << 31)]
    [InlineData(1L << 40)]
    public void Run_TensorBeyondTheDevicesMemory_ThrowsAndTheNextRunWorks(long count)
    {
        var expand = Create([Node("Expand", "x shape", "y")], [Value("x", FloatType, 1), Value("shape", Int64Type, 1)], [Value("y", FloatType, "n")]);
        using var runner = TestGraph.Runner(expand, new() { Providers = [ExecutionProvider.WebGpu] });
        Assert.Equal("WebGPU", runner.Describe("model").ExecutionProvider);
        using var call = runner.Rent("model");

        var exception = Assert.Throws<InferenceException>(() => Expand(call, count));

        Assert.True(exception.Error is InferenceError.OutOfMemory or InferenceError.RunFailed, exception.ToString());
        Expand(call, 3);
        Assert.Equal([7f, 7, 7], call.Output<float>("y"));
    }

    [Fact]
    public void WebGpu_NoDevice_FallsBackWithTheReasonAndFailsWhereItIsRequired()
    {
        // The device is chosen when ONNX Runtime is loaded, once a process: a process of its own has none.
        if (Environment.GetEnvironmentVariable(DeviceVariable) != "none")
        {
            var start = new ProcessStartInfo(Environment.ProcessPath!, ["-method", $"*{nameof(WebGpu_NoDevice_FallsBackWithTheReasonAndFailsWhereItIsRequired)}"]) { RedirectStandardOutput = true };
            start.Environment[DeviceVariable] = "none";
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, output);
            Assert.Contains("Total: 1, Errors: 0, Failed: 0, Skipped: 0", output, StringComparison.Ordinal);
            return;
        }

        using var falling = TestGraph.Runner(Twice(FloatType), new() { Providers = [ExecutionProvider.WebGpu] });
        var signature = falling.Describe("model");
        Assert.Equal(("CPU", "WebGPU"), (signature.ExecutionProvider, signature.Fallback?.From));
        Assert.Contains("adapter", signature.Fallback!.Reason, StringComparison.OrdinalIgnoreCase);
        AssertDoubles(falling);

        using var failing = TestGraph.Runner(Twice(FloatType), Required);
        var exception = Assert.Throws<InferenceException>(() => failing.Describe("model"));
        Assert.Equal(InferenceError.ProviderUnavailable, exception.Error);
        Assert.Contains(signature.Fallback.Reason, exception.Message, StringComparison.Ordinal);
    }

    private static void Expand(IModelCall call, long count)
    {
        call.Input<float>("x", [1])[0] = 7;
        call.Input<long>("shape", [1])[0] = count;
        call.Run(Token);
    }

    private static void AssertDoubles(OnnxModelRunner runner)
    {
        using var call = runner.Rent("model");
        call.Input<float>("x", [4]).Fill(3);
        call.Run(Token);
        Assert.Equal([6f, 6, 6, 6], call.Output<float>("y"));
    }

    private static byte[] Twice(int type) => Create([Node("Add", "x x", "y")], [Value("x", type, 4)], [Value("y", type, 4)]);
}
