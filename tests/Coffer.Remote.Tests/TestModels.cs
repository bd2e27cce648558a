using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Onnx;
using Coffer.Remote.Tests.StandIn;
using Coffer.Tensors;
using Coffer.Testing;
using Coffer.Tests.Onnx;

namespace Coffer.Remote.Tests;

/// <summary>The graphs that the stand-ins serve.</summary>
internal static class TestModels
{
    private static readonly Lazy<OnnxModelRunner> DigitsRunner = new(() => TestGraph.Runner(File.ReadAllBytes(Repository.File("samples", "models", "digits", "model.onnx"))));

    /// <summary>x and offset to y = 2 x + offset, and the shape of x.</summary>
    public static FakeGraph Affine { get; } = new(
        "affine",
        [new("x", ElementType.Float32, [new(null, "batch"), new(2)]), new("offset", ElementType.Float32, [new(2)])],
        [new("y", ElementType.Float32, [new(null, "batch"), new(2)]), new("count", ElementType.Int64, [new(2)])],
        inputs =>
        {
            var offset = inputs["offset"].AsSpan<float>().ToArray();
            var y = inputs["x"].AsSpan<float>().ToArray().Select((x, i) => (2 * x) + offset[i % 2]).ToArray();
            return new Dictionary<string, Tensor> { ["y"] = Tensor.Create(y, inputs["x"].Shape), ["count"] = Tensor.Create(inputs["x"].Shape.ToArray(), 2) };
        });

    /// <summary>An input and an output of each element type: what comes in goes out.</summary>
    public static FakeGraph Types { get; } = new(
        "types",
        [.. ElementCodec.Types.Select(type => new TensorDescription($"in_{type}", type, [new(null, "batch"), new(2)]))],
        [.. ElementCodec.Types.Select(type => new TensorDescription($"out_{type}", type, [new(null, "batch"), new(2)]))],
        inputs => inputs.ToDictionary(input => input.Key.Replace("in_", "out_", StringComparison.Ordinal), input => input.Value));

    /// <summary>The sample model, run by ONNX Runtime in this process.</summary>
    public static OnnxModelRunner Digits => DigitsRunner.Value;

    public static IReadOnlyDictionary<string, FakeGraph> All { get; } = new[] { Affine, Types, ServedDigits() }.ToDictionary(graph => graph.Name);

    public static ModelSignature Signature(FakeGraph graph) => new(graph.Name, graph.Inputs, graph.Outputs, default, ExecutionTarget.Local, "");

    private static FakeGraph ServedDigits() => new(
        "digits",
        [new("pixel_values", ElementType.Float32, [new(null, "batch"), new(3), new(32), new(32)])],
        [new("logits", ElementType.Float32, [new(null, "batch"), new(10)])],
        inputs =>
        {
            using var call = Digits.Rent("model");
            inputs["pixel_values"].WriteTo(call, "pixel_values");
            call.Run();
            return new Dictionary<string, Tensor> { ["logits"] = Tensor.Create(call.Output<float>("logits").ToArray(), call.OutputShape("logits")) };
        });
}
