using Google.Protobuf;

namespace Coffer.Packaging.Tests;

public sealed class GraphOptimizerTests : IDisposable
{
    private static readonly string Digits = Repository.File("samples", "models", "digits", "model.onnx");

    private readonly TemporaryFolder _folder = new();
    private readonly OptimizerFiles _files = new();

    public void Dispose()
    {
        _files.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Optimize_ConvolutionsWithActivations_FusesThemAndNamesTheOperator()
    {
        var plain = TestModel.Pack(Digits);

        var fused = Optimize(plain, PackOptimization.Extended);

        Assert.True(Nodes(fused) < Nodes(plain), $"{Nodes(fused)} nodes of {Nodes(plain)}");
        Assert.True(fused.Graph.Length <= plain.Graph.Length + 256 && fused.Weights.Length <= plain.Weights.Length);
        Assert.Equal(["com.microsoft.FusedConv"], fused.RuntimeOperators);
        Assert.True(fused.HasConvolutions);
        Assert.All(ModelProto.Parser.ParseFrom(fused.Graph).OpsetImport, import => Assert.Contains(import.Domain, new[] { "", "com.microsoft" }));
    }

    [Fact]
    public void Optimize_Basic_FoldsConstantsIntoOrdinaryOperators()
    {
        // (weight + weight) is the same for every input.
        var model = TestModel.Of(new GraphProto { Name = "main", Input = { TestModel.Value("x", OnnxDataType.Float32, 64) }, Output = { TestModel.Value("y", OnnxDataType.Float32, 64) } });
        model.Graph.Initializer.Add(TestModel.Floats("weight", [.. Enumerable.Range(1, 64).Select(i => (float)i)]));
        model.Graph.Node.Add(TestModel.Node("Add", ["weight", "weight"], ["twice"]));
        model.Graph.Node.Add(TestModel.Node("Mul", ["x", "twice"], ["y"]));
        var path = model.Save(_folder.File("model.onnx"));

        var folded = Optimize(TestModel.Pack(path), PackOptimization.Basic);

        Assert.Equal(["Mul"], ModelProto.Parser.ParseFrom(folded.Graph).Graph.Node.Select(node => node.OpType));
        Assert.Equal(64 * sizeof(float), folded.Weights.Length);
        Assert.Empty(folded.RuntimeOperators);
        Assert.False(folded.HasConvolutions);
        Assert.Equal(0, Prove(path, folded).GreatestDifference);
    }

    [Theory]
    [InlineData(PackOptimization.Basic)]
    [InlineData(PackOptimization.Extended)]
    public void Optimize_Twice_GivesTheSameBytes(PackOptimization level)
    {
        var plain = TestModel.Pack(Digits);

        var (first, second) = (Optimize(plain, level), Optimize(plain, level));

        Assert.Equal(first.Graph, second.Graph);
        Assert.Equal(first.Weights.ReadAll(), second.Weights.ReadAll());
    }

    [Fact]
    public void Optimize_InAFolder_GivesTheSameBytesAndLeavesNothing()
    {
        var plain = TestModel.Pack(Digits);
        string folder;
        using (var files = new OptimizerFiles(triesMemory: false))
        {
            var inFolder = GraphOptimizer.Optimize(plain, PackOptimization.Extended, [], files);
            var elsewhere = Optimize(plain, PackOptimization.Extended);
            folder = files.Folder!;

            Assert.Equal(elsewhere.Graph, inFolder.Graph);
            Assert.Equal(elsewhere.Weights.ReadAll(), inFolder.Weights.ReadAll());
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
            }
        }

        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public void Optimize_OnLinux_WritesNoFile()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has files in memory.");

        _ = Optimize(TestModel.Pack(Digits), PackOptimization.Extended);

        Assert.Null(_files.Folder);
    }

    [Fact]
    public void Optimize_GraphThatOnnxRuntimeRefuses_ThrowsNotOptimizable()
    {
        var packed = TestModel.Pack(Digits);
        var broken = ModelProto.Parser.ParseFrom(packed.Graph);
        broken.Graph.Node[0].OpType = "Konv";

        var error = Assert.Throws<PackagingException>(() => Optimize(packed with { Graph = broken.ToByteArray() }, PackOptimization.Basic));

        Assert.Equal(PackagingError.NotOptimizable, error.Error);
        Assert.Contains("without optimisation", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Prove_OptimisedGraphThatComputesSomethingElse_ThrowsOutputsChanged()
    {
        var path = OfOneFactor();
        var altered = Altered(Optimize(TestModel.Pack(path), PackOptimization.Extended), factor: 1.01f);

        var error = Assert.Throws<PackagingException>(() => Prove(path, altered));

        Assert.Equal(PackagingError.OutputsChanged, error.Error);
        Assert.StartsWith("Optimising would change", error.Message, StringComparison.Ordinal);
        Assert.Contains("greatest difference", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Prove_OptimisedGraphWithinTheTolerance_PassesAndSaysHowFar()
    {
        var path = OfOneFactor();
        var altered = Altered(Optimize(TestModel.Pack(path), PackOptimization.Extended), factor: 1.00001f);

        Assert.InRange(Prove(path, altered).GreatestDifference, 1e-7, 1e-4);
        Assert.Throws<PackagingException>(() => GraphProof.Prove(path, altered, GraphProofOptions.Default with { Tolerance = 1e-8 }, TestContext.Current.CancellationToken));
    }

    private static int Nodes(PackedGraph graph) => ModelProto.Parser.ParseFrom(graph.Graph).Graph.Node.Count;

    // y = x * 1, for 64 elements.
    private string OfOneFactor()
    {
        var model = TestModel.Of(new GraphProto { Name = "main", Input = { TestModel.Value("x", OnnxDataType.Float32, 64) }, Output = { TestModel.Value("y", OnnxDataType.Float32, 64) } });
        model.Graph.Initializer.Add(TestModel.Floats("factor", [.. Enumerable.Range(0, 64).Select(i => 2f + i)]));
        model.Graph.Node.Add(TestModel.Node("Mul", ["x", "factor"], ["y"]));
        return model.Save(_folder.File("factor.onnx"));
    }

    private static PackedGraph Altered(PackedGraph packed, float factor)
    {
        var weights = packed.Weights.ReadAll();
        foreach (ref var weight in System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(weights.AsSpan()))
        {
            weight *= factor;
        }

        return packed with { Weights = new WeightsPart([new WeightsSegment.InMemory(weights)]) };
    }

    private PackedGraph Optimize(PackedGraph packed, PackOptimization level) => GraphOptimizer.Optimize(packed, level, [], _files);

    private static GraphProofReport Prove(string path, PackedGraph packed) => GraphProof.Prove(path, packed, GraphProofOptions.Default, TestContext.Current.CancellationToken);
}
