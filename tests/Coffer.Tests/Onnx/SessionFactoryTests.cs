using Coffer.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace Coffer.Tests.Onnx;

public sealed class SessionFactoryTests
{
    private const long Large = 64 << 20;

    [Theory]
    // As it was exported, or with fusions still to make.
    [InlineData(GraphOptimization.None, false, 1, GraphOptimizationLevel.ORT_ENABLE_ALL)]
    [InlineData(GraphOptimization.None, false, Large, GraphOptimizationLevel.ORT_ENABLE_EXTENDED)]
    [InlineData(GraphOptimization.Basic, true, 1, GraphOptimizationLevel.ORT_ENABLE_ALL)]
    [InlineData(GraphOptimization.Basic, false, Large, GraphOptimizationLevel.ORT_ENABLE_EXTENDED)]
    // Nothing left to do, or the layout of convolutions.
    [InlineData(GraphOptimization.Extended, false, 1, GraphOptimizationLevel.ORT_DISABLE_ALL)]
    [InlineData(GraphOptimization.Extended, true, 1, GraphOptimizationLevel.ORT_ENABLE_ALL)]
    [InlineData(GraphOptimization.Extended, true, Large, GraphOptimizationLevel.ORT_DISABLE_ALL)]
    public void AutomaticLevel_OnTheProcessor_LeavesWhatThePackerDid(GraphOptimization packed, bool hasConvolutions, long length, GraphOptimizationLevel expected) =>
        Assert.Equal(expected, SessionFactory.AutomaticLevel(Graph(packed, hasConvolutions, length), ExecutionOptions.Default));

    [Fact]
    public void AutomaticLevel_OnAnotherProvider_LetsItFuse() =>
        Assert.Equal(
            GraphOptimizationLevel.ORT_ENABLE_ALL,
            SessionFactory.AutomaticLevel(Graph(GraphOptimization.Extended, hasConvolutions: false, 1), new ExecutionOptions { Providers = [ExecutionProvider.Cuda(), ExecutionProvider.Cpu] }));

    private static OnnxGraph Graph(GraphOptimization packed, bool hasConvolutions, long length) =>
        new("model", 0, length, [], new MemoryStream()) { Optimization = packed, HasConvolutions = hasConvolutions };
}
