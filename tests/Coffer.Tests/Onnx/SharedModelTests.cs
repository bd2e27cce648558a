namespace Coffer.Tests.Onnx;

/// <summary>Models that nobody here made, with what their makers recorded.</summary>
public sealed class SharedModelTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Run_Mnist_GivesItsRecordedOutput(int set)
    {
        var folder = Repository.Shared("models", "mnist", $"test_data_set_{set}");
        using var runner = TestGraph.Runner(File.ReadAllBytes(Repository.Shared("models", "mnist", "mnist-8.onnx")));
        var signature = runner.Describe("model");
        using var call = runner.Rent("model");
        RecordedTensor.Read(Path.Combine(folder, "input_0.pb")).CopyTo(call.Input<float>(signature.Inputs[0].Name, [1, 1, 28, 28]));

        call.Run(Token);

        var expected = RecordedTensor.Read(Path.Combine(folder, "output_0.pb"));
        var actual = call.Output<float>(signature.Outputs[0].Name);
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            // onnx.backend.test's own tolerance for recorded outputs.
            Assert.Equal(expected[i], actual[i], 1e-3f * (1 + MathF.Abs(expected[i])));
        }
    }

    [Fact]
    public void Carry_SileroState_EqualsCopyingItAndSilenceIsNotVoice()
    {
        using var runner = TestGraph.Runner(File.ReadAllBytes(Repository.Shared("models", "silero-vad", "silero_vad.onnx")));
        var wave = File.ReadAllBytes(Repository.Shared("models", "silero-vad", "test.wav")).AsSpan(44);
        using var carrying = runner.Rent("model");
        using var copying = runner.Rent("model");
        carrying.Input<float>("state", [2, 1, 128]).Clear();
        copying.Input<float>("state", [2, 1, 128]).Clear();
        var highest = 0f;

        for (var frame = 0; frame < 60; frame++)
        {
            foreach (var call in new[] { carrying, copying })
            {
                var input = call.Input<float>("input", [1, 576]);
                for (var i = 0; i < input.Length; i++)
                {
                    input[i] = BitConverter.ToInt16(wave[(2 * ((frame * 512) + i))..]) / 32768f;
                }

                call.Input<long>("sr", [])[0] = 16000;
                call.Run(Token);
            }

            Assert.Equal(copying.Output<float>("output")[0], carrying.Output<float>("output")[0]);
            highest = Math.Max(highest, carrying.Output<float>("output")[0]);
            carrying.Carry("stateN", "state");
            copying.Output<float>("stateN").CopyTo(copying.Input<float>("state", [2, 1, 128]));
        }

        Assert.InRange(highest, 0.5f, 1f);
    }
}
