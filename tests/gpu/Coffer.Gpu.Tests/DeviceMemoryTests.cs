using Coffer.Onnx;
using static Coffer.Tests.Onnx.TinyModel;

namespace Coffer.Gpu.Tests;

public sealed class DeviceMemoryTests
{
    private static readonly ExecutionOptions OnGpu = new() { Providers = [ExecutionProvider.WebGpu], RequireGpu = true };

    public DeviceMemoryTests() => GpuRuntime.Require();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(4)]
    [InlineData("n")]
    public void Run_Output_StaysOnTheDeviceAndIsReadRight(object size)
    {
        using var runner = TestGraph.Runner(Twice(size), OnGpu);
        using var call = (OnnxModelCall)runner.Rent("model");
        for (var run = 1; run <= 3; run++)
        {
            call.Input<float>("x", [4]).Fill(run);
            call.Run(Token);

            Assert.Equal([4], call.OutputShape("y"));
            Assert.Equal([2f * run, 2 * run, 2 * run, 2 * run], call.Output<float>("y"));
            Assert.Equal([2f * run, 2 * run, 2 * run, 2 * run], call.Output<float>("y"));
            Assert.StartsWith("WebGPU", call.PlaceOfOutput("y"), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData("n")]
    public void Carry_OnTheDevice_DoublesWithoutPassingThroughTheProcessor(object size)
    {
        using var runner = TestGraph.Runner(Twice(size), OnGpu);
        using var call = (OnnxModelCall)runner.Rent("model");
        call.Input<float>("x", [4]).Fill(1);
        for (var run = 1; run <= 10; run++)
        {
            call.Run(Token);
            Assert.StartsWith("WebGPU", call.PlaceOfOutput("y"), StringComparison.Ordinal);
            if (run < 10)
            {
                call.Carry("y", "x");
            }
        }

        Assert.Equal([1024f, 1024, 1024, 1024], call.Output<float>("y"));
    }

    [Theory]
    [InlineData(4)]
    [InlineData("n")]
    public void Carry_IntoAnotherGraph_StaysOnTheDeviceAndOutlivesItsSource(object size)
    {
        using var second = TestGraph.Runner(Twice(size), OnGpu);
        using var decoder = (OnnxModelCall)second.Rent("model");
        using (var first = TestGraph.Runner(Twice(size), OnGpu))
        using (var encoder = (OnnxModelCall)first.Rent("model"))
        {
            encoder.Input<float>("x", [4]).Fill(3);
            encoder.Run(Token);
            encoder.Carry("y", decoder, "x");
            encoder.Input<float>("x", [4]).Fill(100);
            encoder.Run(Token);
            Assert.Equal([200f, 200, 200, 200], encoder.Output<float>("y"));
        }

        decoder.Run(Token);

        Assert.Equal([12f, 12, 12, 12], decoder.Output<float>("y"));
        decoder.Input<float>("x", [4]).Fill(1);
        decoder.Run(Token);
        Assert.Equal([2f, 2, 2, 2], decoder.Output<float>("y"));
    }

    private static byte[] Twice(object size) =>
        Create([Node("Add", "x x", "y")], [Value("x", FloatType, size)], [Value("y", FloatType, size)]);
}
