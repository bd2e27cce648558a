using System.Text;

namespace Coffer.Packaging.Tests;

/// <summary>Models that nobody here made, packed: outputs unchanged, and nothing of their making left.</summary>
public sealed class SharedModelsTests
{
    public static TheoryData<string> Models =>
    [
        "mobilenetv2-imagenet/mobilenetv2-12-int8.onnx",
        "yolox-nano-coco/yolox_nano.onnx",
        "ultraface/version-RFB-320.onnx",
        "gtcrn-enhancement/gtcrn_simple.onnx",
        "silero-vad/silero_vad.onnx",
        "silero-vad/silero_vad_16k_op15.onnx",
        "tinystories-656k/model.onnx",
        "mnist/mnist-8.onnx",
        "super-resolution/super_resolution.onnx",
        "yunet/yunet_s_640_640.onnx",
        "vittrack/vitTracker.onnx",
        "ppocr-rec-en/en_number_mobile_v2.0_rec_infer.onnx",
    ];

    [Theory]
    [MemberData(nameof(Models))]
    public void Pack_SharedModel_KeepsOutputsBitForBit(string model)
    {
        var packed = Pack(model, GraphProofOptions.Default);

        Assert.Equal(2, packed.Proof!.Samples);
        Assert.True(packed.Proof.Outputs > 0);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"graph {packed.Graph.Length}, weights {packed.Weights.Length}; " + string.Join("; ", packed.Proof.Inputs.Select(input => $"{input.Key} [{string.Join(", ", input.Value)}]")));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Pack_SharedModel_LeavesNothingOfItsMaking(string model)
    {
        var original = OnnxModelFile.Read(Repository.Shared(["models", .. model.Split('/')])).Model;
        var making = TextsOfMaking(original).Where(text => text.Length > 0).Distinct().ToArray();
        var packed = Pack(model, proof: null);

        Assert.All([.. making, "/home/", "/usr/", "site-packages", ".py"], text =>
            Assert.False(packed.Graph.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0, $"'{text}' is still in the graph."));
        var graph = ModelProto.Parser.ParseFrom(packed.Graph);
        Assert.All(graph.AllNodes(), node => Assert.False(node.HasName));
        Assert.Equal(original.Graph.Input.Select(NameAndType), graph.Graph.Input.Select(NameAndType));
        Assert.Equal(original.Graph.Output.Select(NameAndType), graph.Graph.Output.Select(NameAndType));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Pack_SharedModelTwice_GivesTheSameBytes(string model)
    {
        var (first, second) = (Pack(model, proof: null), Pack(model, proof: null));

        Assert.Equal(first.Graph, second.Graph);
        Assert.Equal(first.Weights.ReadAll(), second.Weights.ReadAll());
    }

    public static TheoryData<string, PackOptimization> Optimizations
    {
        get
        {
            var data = new TheoryData<string, PackOptimization>();
            foreach (var model in Models)
            {
                data.Add(model, PackOptimization.Basic);
                data.Add(model, PackOptimization.Extended);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Optimizations))]
    public void Pack_SharedModelOptimised_KeepsOutputsAndIsDeterministic(string model, PackOptimization level)
    {
        var source = new ExportedGraph("model", null, Repository.Shared(["models", .. model.Split('/')]));
        var options = new PackOptions { Name = "model", Version = Bundles.SemanticVersion.Parse("1.0.0"), Task = ModelTasks.Tensors, Optimization = level };
        using var files = new OptimizerFiles();

        var packed = GraphPacker.Pack(source, options, files, TestContext.Current.CancellationToken);
        var again = GraphPacker.Pack(source, options with { Proof = null }, files, TestContext.Current.CancellationToken);

        Assert.Equal(2, packed.Proof!.Samples);
        Assert.Equal(packed.Graph, again.Graph);
        Assert.Equal(packed.Weights.ReadAll(), again.Weights.ReadAll());
        var graph = ModelProto.Parser.ParseFrom(packed.Graph);
        Assert.All(graph.AllNodes(), node => Assert.False(node.HasName));
        Assert.DoesNotContain(graph.AllNodes(), node => node.Domain.Contains("nchwc", StringComparison.Ordinal) || node.Domain.Contains("nhwc", StringComparison.Ordinal));
        var plain = Pack(model, proof: null);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"difference {packed.Proof.GreatestDifference:G3}; nodes {ModelProto.Parser.ParseFrom(plain.Graph).AllNodes().Count()} to {graph.AllNodes().Count()}; graph {plain.Graph.Length} to {packed.Graph.Length}, weights {plain.Weights.Length} to {packed.Weights.Length}; {string.Join(", ", packed.RuntimeOperators)}");
    }

    // Names of nodes are often part of their outputs' names, so those are asserted by field.
    private static IEnumerable<string> TextsOfMaking(ModelProto model) =>
    [
        model.ProducerName, model.DocString, model.Domain,
        .. model.AllGraphs().SelectMany(graph => graph.Input.Concat(graph.Output).Concat(graph.ValueInfo)).Select(value => value.DocString),
        .. model.AllGraphs().SelectMany(graph => graph.Initializer).Select(tensor => tensor.DocString),
        .. model.AllGraphs().Select(graph => graph.DocString),
        .. model.AllNodes().Select(node => node.DocString),
        .. model.AllAttributes().Select(attribute => attribute.DocString),
        .. model.MetadataProps.SelectMany(entry => new[] { entry.Key, entry.Value }),
    ];

    private static (string, TypeProto) NameAndType(ValueInfoProto value) => (value.Name, value.Type);

    private static PackedGraph Pack(string model, GraphProofOptions? proof) =>
        GraphPacker.Pack(new ExportedGraph("model", null, Repository.Shared(["models", .. model.Split('/')])), [], proof, TestContext.Current.CancellationToken);
}
