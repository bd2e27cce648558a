using Google.Protobuf;

namespace Coffer.Packaging.Tests;

public sealed class GraphProofTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Prove_OneBitOfOneWeightChanged_ThrowsOutputsChangedWithTheDifference()
    {
        var path = TestModel.OfInitializers(TestModel.Floats("weight", [.. Enumerable.Range(1, 64).Select(i => (float)i)])).Save(_folder.File("model.onnx"));
        var packed = TestModel.Pack(path);
        var weights = packed.Weights.ReadAll();
        weights[102] ^= 0x40;
        var altered = packed with { Weights = new WeightsPart([new WeightsSegment.InMemory(weights)]) };

        var error = Assert.Throws<PackagingException>(() => Prove(path, altered));

        Assert.Equal(PackagingError.OutputsChanged, error.Error);
        Assert.Contains("output 'weight_out' has other values, the greatest difference is 8", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Prove_PackedGraphThatDoesNotLoad_ThrowsOutputsChanged()
    {
        var path = OfOneNode("Relu", OnnxDataType.Float32, OnnxDataType.Float32, 4);
        var packed = TestModel.Pack(path);
        var broken = ModelProto.Parser.ParseFrom(packed.Graph);
        broken.Graph.Node[0].OpType = "Reluu";

        Assert.Equal(PackagingError.OutputsChanged, Assert.Throws<PackagingException>(() => Prove(path, packed with { Graph = broken.ToByteArray() })).Error);
    }

    [Theory]
    [InlineData(OnnxDataType.Float32)]
    [InlineData(OnnxDataType.UInt8)]
    [InlineData(OnnxDataType.Int8)]
    [InlineData(OnnxDataType.UInt16)]
    [InlineData(OnnxDataType.Int16)]
    [InlineData(OnnxDataType.Int32)]
    [InlineData(OnnxDataType.Int64)]
    [InlineData(OnnxDataType.String)]
    [InlineData(OnnxDataType.Bool)]
    [InlineData(OnnxDataType.Float16)]
    [InlineData(OnnxDataType.Float64)]
    [InlineData(OnnxDataType.UInt32)]
    [InlineData(OnnxDataType.UInt64)]
    [InlineData(OnnxDataType.BFloat16)]
    public void Prove_InputOfEveryType_Runs(object type)
    {
        var path = OfOneNode("Identity", (OnnxDataType)type, (OnnxDataType)type, "batch", "length", 3);

        var proof = TestModel.Pack(path, GraphProofOptions.Default).Proof!;

        Assert.Equal([1, 32, 3], proof.Inputs["x"]);
    }

    [Fact]
    public void Prove_SecondSample_TurnsScalarsOver()
    {
        var options = GraphProofOptions.Default;
        var input = new ProofInput("flag", Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Int64, []);

        Assert.Equal([0L, 1L], Enumerable.Range(0, 2).Select(sample =>
        {
            using var value = new ProofValues(options, sample).Create(input, []);
            return value.GetTensorDataAsSpan<long>()[0];
        }));
    }

    [Fact]
    public void Prove_ShapesThatTheCallerGave_ComeFirst()
    {
        var path = OfOneNode("Identity", OnnxDataType.Float32, OnnxDataType.Float32, "batch", "length");

        var byShape = TestModel.Pack(path, new GraphProofOptions { Shapes = new Dictionary<string, IReadOnlyList<long>> { ["x"] = [3, 7] } });
        var bySymbol = TestModel.Pack(path, new GraphProofOptions { Dimensions = new Dictionary<string, long> { ["length"] = 5 } });

        Assert.Equal([3, 7], byShape.Proof!.Inputs["x"]);
        Assert.Equal([1, 5], bySymbol.Proof!.Inputs["x"]);
    }

    [Theory]
    [InlineData("y", new[] { 1L, 2L })]
    [InlineData("x", new[] { 1L })]
    [InlineData("x", new[] { 1L, 3L })]
    public void Prove_ShapeThatFitsNoInput_ThrowsNotRunnable(string name, long[] shape)
    {
        var path = OfOneNode("Identity", OnnxDataType.Float32, OnnxDataType.Float32, "batch", 2);
        var options = new GraphProofOptions { Shapes = new Dictionary<string, IReadOnlyList<long>> { [name] = shape } };

        Assert.Equal(PackagingError.NotRunnable, Assert.Throws<PackagingException>(() => TestModel.Pack(path, options)).Error);
    }

    [Fact]
    public void Prove_ModelThatTakesNoTriedSize_NamesTheOptionAndItsInputs()
    {
        // 97 elements in 97 columns: none of the sizes that are tried.
        var model = ReshapeTo(97);

        var error = Assert.Throws<PackagingException>(() => TestModel.Pack(model, GraphProofOptions.Default));
        var proof = TestModel.Pack(model, new GraphProofOptions { Dimensions = new Dictionary<string, long> { ["length"] = 97 } }).Proof!;

        Assert.Equal(PackagingError.NotRunnable, error.Error);
        Assert.Contains("GraphProofOptions.Shapes", error.Message, StringComparison.Ordinal);
        Assert.Contains("'x' float [length]", error.Message, StringComparison.Ordinal);
        Assert.Equal([97], proof.Inputs["x"]);
    }

    [Fact]
    public void Prove_CacheOfADecoder_GetsConsistentLengths()
    {
        var dimension = (string symbol) => new Inference.Dimension(null, symbol);
        ProofInput[] inputs =
        [
            new("ids", Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Int64, [dimension("batch_size"), dimension("sequence_length")]),
            new("mask", Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Int64, [dimension("batch_size"), dimension("total_sequence_length")]),
            new("next", Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Int64, [dimension("batch_size"), dimension("past_sequence_length + 1")]),
            new("past", Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float, [dimension("batch_size"), new(4), dimension("past_sequence_length")]),
        ];

        var candidates = ProofShapes.Candidates(inputs, GraphProofOptions.Default).ToArray();

        Assert.Equal([[1, 32], [1, 64], [1, 33], [1, 4, 32]], inputs.Select(input => candidates[0][input.Name]));
        Assert.Contains(candidates, shapes => shapes["past"][2] == 0 && shapes["mask"][1] == shapes["ids"][1]);
    }

    [Fact]
    public void Prove_ModelWithRandomOperatorThatDiffers_ThrowsNotReproducibleAndNamesIt()
    {
        // A node before it gives the operator another number, and with it another seed.
        var path = OfRandom();
        var packed = TestModel.Pack(path);
        var moved = ModelProto.Parser.ParseFrom(packed.Graph);
        moved.Graph.Node.Insert(0, TestModel.Node("Relu", ["x"], ["other"]));
        moved.Graph.Node[1].Input[0] = "other";

        var error = Assert.Throws<PackagingException>(() => Prove(path, packed with { Graph = moved.ToByteArray() }));

        Assert.Equal(PackagingError.NotReproducible, error.Error);
        Assert.Contains("RandomNormalLike", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Prove_ModelWithSeededRandomOperator_Passes()
    {
        var path = OfRandom(new AttributeProto { Name = "seed", Type = 1, F = 7 });

        Assert.Equal(2, TestModel.Pack(path, GraphProofOptions.Default).Proof!.Samples);
    }

    [Fact]
    public void Prove_ModelThatOnnxRuntimeRefuses_ThrowsNotRunnable()
    {
        var path = OfOneNode("NoSuchOperator", OnnxDataType.Float32, OnnxDataType.Float32, 8);

        Assert.Equal(PackagingError.NotRunnable, Assert.Throws<PackagingException>(() => TestModel.Pack(path, GraphProofOptions.Default)).Error);
    }

    [Fact]
    public void Prove_SequenceOutput_IsCompared()
    {
        var model = TestModel.Of(new GraphProto { Name = "main", Input = { TestModel.Value("x", OnnxDataType.Float32, 6) } });
        model.Graph.Node.Add(TestModel.Node("SplitToSequence", ["x"], ["parts"]));
        model.Graph.Output.Add(new ValueInfoProto
        {
            Name = "parts",
            Type = new TypeProto { SequenceType = new TypeProto.Types.Sequence { ElemType = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = 1 } } } },
        });

        Assert.Equal(1, TestModel.Pack(model.Save(_folder.File("model.onnx")), GraphProofOptions.Default).Proof!.Outputs);
    }

    [Fact]
    public void Prove_Canceled_Throws()
    {
        var path = OfOneNode("Relu", OnnxDataType.Float32, OnnxDataType.Float32, 4);

        Assert.Throws<OperationCanceledException>(() =>
            GraphPacker.Pack(new ExportedGraph("model", null, path), [], GraphProofOptions.Default, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Prove_SileroAtItsSampleRate_TakesTheGivenValue()
    {
        var path = Repository.Shared("models", "silero-vad", "silero_vad.onnx");
        var options = new GraphProofOptions
        {
            Shapes = new Dictionary<string, IReadOnlyList<long>> { ["input"] = [1, 576], ["state"] = [2, 1, 128] },
            Values = new Dictionary<string, long> { ["sr"] = 16000 },
        };

        Assert.Equal(2, TestModel.Pack(path, options).Proof!.Samples);
    }

    private static void Prove(string path, PackedGraph packed) =>
        GraphProof.Prove(path, packed, GraphProofOptions.Default, TestContext.Current.CancellationToken);

    private string OfOneNode(string type, OnnxDataType input, OnnxDataType output, params object[] shape)
    {
        var graph = new GraphProto { Name = "main", Input = { TestModel.Value("x", input, shape) }, Output = { TestModel.Value("y", output, shape) } };
        graph.Node.Add(TestModel.Node(type, ["x"], ["y"]));
        return TestModel.Of(graph).Save(_folder.File("model.onnx"));
    }

    private string OfRandom(params AttributeProto[] attributes)
    {
        var graph = new GraphProto { Name = "main", Input = { TestModel.Value("x", OnnxDataType.Float32, 8) }, Output = { TestModel.Value("y", OnnxDataType.Float32, 8) } };
        graph.Node.Add(TestModel.Node("RandomNormalLike", ["x"], ["y"], attributes));
        return TestModel.Of(graph, opset: 18).Save(_folder.File("model.onnx"));
    }

    private string ReshapeTo(long columns)
    {
        var graph = new GraphProto
        {
            Name = "main",
            Input = { TestModel.Value("x", OnnxDataType.Float32, "length") },
            Output = { TestModel.Value("y", OnnxDataType.Float32, 1, columns) },
            Initializer = { new TensorProto { Name = "shape", DataType = (int)OnnxDataType.Int64, Dims = { 2 }, Int64Data = { 1, columns } } },
        };
        graph.Node.Add(TestModel.Node("Reshape", ["x", "shape"], ["y"]));
        return TestModel.Of(graph).Save(_folder.File("model.onnx"));
    }
}
