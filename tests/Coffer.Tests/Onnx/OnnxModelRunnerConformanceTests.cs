using Coffer.Inference;
using Coffer.Onnx;
using Coffer.Tests.Inference;
using static Coffer.Tests.Onnx.TinyModel;

namespace Coffer.Tests.Onnx;

public sealed class OnnxModelRunnerConformanceTests : ModelRunnerConformance
{
    protected override IModelRunner CreateRunner() => new OnnxModelRunner([new TestGraph().Create(Graph, Affine())], ExecutionOptions.Default);

    private static byte[] Affine() => Create(
        [Node("Mul", "x two", "twice"), Node("Add", "twice offset", "y"), Node("Shape", "x", "count")],
        [Value("x", FloatType, "batch", 2), Value("offset", FloatType, 2)],
        [Value("y", FloatType, "batch", 2), Value("count", Int64Type, 2)],
        Initializer("two", FloatType, [2f]));
}
