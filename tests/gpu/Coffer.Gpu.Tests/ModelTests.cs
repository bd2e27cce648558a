using System.Text.Json;
using Coffer.Inference;
using Coffer.Onnx;
using Coffer.Vision;

namespace Coffer.Gpu.Tests;

/// <summary>
/// Models that people made, on WebGPU against the processor. An output's numbers may differ by 1e-3 of the greatest of that output,
/// at least by 1e-3: a GPU adds in another order, and the scores of a detector and the logits of a language model are tens and more.
/// </summary>
public sealed class ModelTests
{
    private const float Tolerance = 1e-3f;

    public ModelTests() => GpuRuntime.Require();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static ExecutionOptions WebGpu { get; } = new() { Providers = [ExecutionProvider.WebGpu] };

    [Theory]
    [InlineData("mnist/mnist-8.onnx", 1, 28, 28, 255f, true)]
    [InlineData("mobilenetv2-imagenet/mobilenetv2-12-int8.onnx", 1, 224, 224, 2f, true)]
    [InlineData("super-resolution/super_resolution.onnx", 1, 224, 224, 1f, false)]
    [InlineData("ultraface/version-RFB-320.onnx", 1, 240, 320, 1f, false)]
    [InlineData("yolox-nano-coco/yolox_nano.onnx", 1, 416, 416, 255f, false)]
    public void Run_SharedModel_GivesTheProcessorsNumbers(string model, int batch, int height, int width, float scale, bool ranks)
    {
        var bytes = File.ReadAllBytes(Repository.Shared(["models", .. model.Split('/')]));
        using var gpu = TestGraph.Runner(bytes, WebGpu);
        using var cpu = TestGraph.Runner(bytes);
        Assert.Equal("WebGPU", gpu.Describe("model").ExecutionProvider);
        Assert.Null(gpu.Describe("model").Fallback);
        using var onGpu = gpu.Rent("model");
        using var onCpu = cpu.Rent("model");
        foreach (var call in new[] { onGpu, onCpu })
        {
            foreach (var input in cpu.Describe("model").Inputs)
            {
                Draw(call.Input<float>(input.Name, Shape(input, batch, height, width)), scale);
            }

            call.Run(Token);
        }

        foreach (var output in cpu.Describe("model").Outputs)
        {
            Assert.Equal(onCpu.OutputShape(output.Name), onGpu.OutputShape(output.Name));
            Compare(output.Name, onCpu.Output<float>(output.Name), onGpu.Output<float>(output.Name), ranks ? (int)onCpu.OutputShape(output.Name)[^1] : 0);
        }
    }

    [Fact]
    public void Run_TinyStories_WritesTheRecordedTokensWithItsCacheCarried()
    {
        using var recorded = JsonDocument.Parse(File.ReadAllBytes(Repository.Shared("models", "tinystories-656k", "greedy_from_model_onnx.json")));
        var bytes = File.ReadAllBytes(Repository.Shared("models", "tinystories-656k", "model.onnx"));
        using var gpu = TestGraph.Runner(bytes, WebGpu);
        using var cpu = TestGraph.Runner(bytes);
        Assert.Equal("WebGPU", gpu.Describe("model").ExecutionProvider);
        using var onGpu = gpu.Rent("model");
        using var onCpu = cpu.Rent("model");
        var written = recorded.RootElement.GetProperty("out").EnumerateArray().Select(token => token.GetInt64()).ToArray();
        var tokens = recorded.RootElement.GetProperty("ids").EnumerateArray().Select(token => token.GetInt64()).ToArray();
        var past = 0;
        for (var step = 0; step < 12; step++)
        {
            foreach (var call in new[] { onGpu, onCpu })
            {
                tokens.CopyTo(call.Input<long>("input_ids", [1, tokens.Length]));
                call.Input<long>("attention_mask", [1, past + tokens.Length]).Fill(1);
                var positions = call.Input<long>("position_ids", [1, tokens.Length]);
                for (var i = 0; i < positions.Length; i++)
                {
                    positions[i] = past + i;
                }

                foreach (var name in Caches)
                {
                    if (step == 0)
                    {
                        call.Input<float>("past_key_values." + name, [1, 4, 0, 16]);
                    }
                    else
                    {
                        call.Carry("present." + name, "past_key_values." + name);
                    }
                }

                call.Run(Token);
            }

            var logits = onCpu.Output<float>("logits");
            Compare($"logits of step {step}", logits, onGpu.Output<float>("logits"), 2048);
            past += tokens.Length;
            tokens = [Top(onGpu.Output<float>("logits")[^2048..])];
            Assert.Equal(written[past], tokens[0]);
        }
    }

    [Fact]
    public async Task Predict_EveryPictureOfADigit_GivesTheProcessorsClassesAndSaysWhereItRan()
    {
        using var vendor = new TestVendor();
        var bundle = await vendor.PackAsync();
        var license = vendor.Issue(bundle);
        using var onGpu = await ProtectedModel.OpenAsync(bundle, vendor.Options(license) with { Execution = WebGpu with { RequireGpu = true } }, Token);
        using var onCpu = await ProtectedModel.OpenAsync(bundle, vendor.Options(license), Token);
        using var gpu = onGpu.CreateImageClassifier();
        using var cpu = onCpu.CreateImageClassifier();
        var pictures = Directory.GetFiles(Path.Combine(TestVendor.Digits, "pictures")).Where(file => Path.GetExtension(file) is ".png" or ".jpg" or ".bmp" or ".webp").ToArray();
        Assert.Equal(10, pictures.Length);
        foreach (var picture in pictures)
        {
            var actual = gpu.Predict(ImageInput.FromFile(picture), cancellationToken: Token);
            var expected = cpu.Predict(ImageInput.FromFile(picture), cancellationToken: Token);

            Assert.Equal(("WebGPU", null), (actual.ExecutionProvider, actual.Fallback));
            Assert.Equal("CPU", expected.ExecutionProvider);
            Assert.Equal(expected.Value.Top.Label, actual.Value.Top.Label);
            Assert.Equal(expected.Value.Top.Score, actual.Value.Top.Score, Tolerance);
        }
    }

    [Fact]
    public async Task Run_TwoThreadsAtOnceOnOneSession_EachGivesTheProcessorsNumbers()
    {
        var bytes = File.ReadAllBytes(Path.Combine(TestVendor.Digits, "model.onnx"));
        using var gpu = TestGraph.Runner(bytes, WebGpu);
        using var cpu = TestGraph.Runner(bytes);
        using var together = new Barrier(2);

        await Task.WhenAll(Enumerable.Range(0, 2).Select(thread => Task.Factory.StartNew(() => Work(thread), Token, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

        void Work(int thread)
        {
            var signature = cpu.Describe("model");
            using var onGpu = gpu.Rent("model");
            using var onCpu = cpu.Rent("model");
            together.SignalAndWait(Token);
            for (var run = 0; run < 10; run++)
            {
                foreach (var call in new[] { onGpu, onCpu })
                {
                    // Another picture and another batch for each thread and run.
                    Draw(call.Input<float>(signature.Inputs[0].Name, Shape(signature.Inputs[0], 1 + thread + (run % 3), 28, 28)), 1, 1 + thread + (0.1f * run));
                    call.Run(Token);
                }

                var name = signature.Outputs[0].Name;
                Compare($"{name} of thread {thread}, run {run}", onCpu.Output<float>(name), onGpu.Output<float>(name), 10);
            }
        }
    }

    private static readonly string[] Caches = ["0.key", "0.value", "1.key", "1.value"];

    /// <summary>The declared shape; what is free is the batch, then height and width.</summary>
    private static long[] Shape(TensorDescription input, int batch, int height, int width)
    {
        int[] given = [batch, 0, height, width];
        return [.. input.Dimensions.Select((dimension, i) => dimension.Size ?? given[i])];
    }

    /// <summary>Waves: smooth like a picture, and never the same in two places.</summary>
    private static void Draw(Span<float> pixels, float scale, float phase = 1)
    {
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = scale * (0.5f + (0.5f * MathF.Sin((0.013f * i) + phase) * MathF.Cos(0.00091f * i)));
        }
    }

    private static void Compare(string name, ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, int classes)
    {
        Assert.Equal(expected.Length, actual.Length);
        var greatest = 1f;
        foreach (var value in expected)
        {
            greatest = MathF.Max(greatest, MathF.Abs(value));
        }

        var worst = 0f;
        for (var i = 0; i < expected.Length; i++)
        {
            var difference = MathF.Abs(expected[i] - actual[i]);
            worst = difference <= worst ? worst : difference;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: greatest {greatest}, worst difference {worst}");
        Assert.True(worst <= Tolerance * greatest, $"{name} differs by {worst}, where the greatest is {greatest}.");
        for (var row = 0; classes > 0 && row < expected.Length; row += classes)
        {
            Assert.Equal(Top(expected.Slice(row, classes)), Top(actual.Slice(row, classes)));
        }
    }

    private static int Top(ReadOnlySpan<float> scores) => System.Numerics.Tensors.TensorPrimitives.IndexOfMax(scores);
}
