using Google.Protobuf;

namespace Coffer.Packaging.Tests;

public sealed class GraphExternaliserTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(OnnxDataType.Float32, "Identity")]
    [InlineData(OnnxDataType.UInt8, "Identity")]
    [InlineData(OnnxDataType.Int8, "Identity")]
    [InlineData(OnnxDataType.UInt16, "Identity")]
    [InlineData(OnnxDataType.Int16, "Identity")]
    [InlineData(OnnxDataType.Int32, "Identity")]
    [InlineData(OnnxDataType.Int64, "Identity")]
    [InlineData(OnnxDataType.Bool, "Identity")]
    [InlineData(OnnxDataType.Float16, "Identity")]
    [InlineData(OnnxDataType.Float64, "Identity")]
    [InlineData(OnnxDataType.UInt32, "Identity")]
    [InlineData(OnnxDataType.UInt64, "Identity")]
    [InlineData(OnnxDataType.Complex64, null)]
    [InlineData(OnnxDataType.Complex128, null)]
    [InlineData(OnnxDataType.BFloat16, "Identity")]
    [InlineData(OnnxDataType.Float8E4M3FN, "Cast")]
    [InlineData(OnnxDataType.Float8E4M3FNUZ, "Cast")]
    [InlineData(OnnxDataType.Float8E5M2, "Cast")]
    [InlineData(OnnxDataType.Float8E5M2FNUZ, "Cast")]
    [InlineData(OnnxDataType.Float8E8M0, "Cast")]
    [InlineData(OnnxDataType.UInt4, "Cast")]
    [InlineData(OnnxDataType.Int4, "Cast")]
    [InlineData(OnnxDataType.Float4E2M1, null)]
    [InlineData(OnnxDataType.UInt2, "Cast")]
    [InlineData(OnnxDataType.Int2, "Cast")]
    public void Externalise_TypedFields_BecomeRawLittleEndian(object type, string? operatorThatTakesIt)
    {
        // 1003 elements: the last byte of packed types is not full. Both, because raw data must come through as it is.
        var (typed, raw) = SampleTensor((OnnxDataType)type, 1003);
        var model = operatorThatTakesIt == "Cast" ? TestModel.OfCasts(typed, raw) : TestModel.OfInitializers(typed, raw);

        // ONNX Runtime has no complex numbers, and no operator for float4 on the CPU.
        var packed = TestModel.Pack(model.Save(_folder.File("model.onnx")), operatorThatTakesIt is null ? null : GraphProofOptions.Default);

        var graph = ModelProto.Parser.ParseFrom(packed.Graph).Graph;
        Assert.All(graph.Initializer, tensor => Assert.Equal(1, tensor.DataLocation));
        Assert.Equal(raw.RawData.ToByteArray(), packed.Weights.ReadAll());
    }

    [Fact]
    public void Externalise_TensorsOfSeveralLengths_AreAlignedInOrderAndPaddedWithZeros()
    {
        var path = TestModel.OfInitializers(Ramp("a", 33, 1), Ramp("small", 31, 9), Ramp("b", 32, 2), Ramp("c", 100, 3)).Save(_folder.File("model.onnx"));

        var packed = TestModel.Pack(path, GraphProofOptions.Default);

        var tensors = ModelProto.Parser.ParseFrom(packed.Graph).Graph.Initializer;
        Assert.Equal(["0", null, "192", "320"], tensors.Select(tensor => tensor.ExternalData.SingleOrDefault(entry => entry.Key == "offset")?.Value));
        Assert.Equal(["132", null, "128", "400"], tensors.Select(tensor => tensor.ExternalData.SingleOrDefault(entry => entry.Key == "length")?.Value));
        Assert.All(tensors.Where(tensor => tensor.Name != "small"), tensor => Assert.Equal(WeightsPart.Location, tensor.ExternalData.Single(entry => entry.Key == "location").Value));
        Assert.Equal(720, packed.Weights.Length);
        Assert.All(packed.Weights.ReadAll()[132..192], value => Assert.Equal(0, value));
    }

    [Fact]
    public void Externalise_TensorsOfTheSameBytes_ShareOneRange()
    {
        // Longer than what is compared first, and alike in it.
        var (tied, alike) = (Ramp("tied", 5000, 1), Ramp("alike", 5000, 1));
        alike.FloatData[4999] += 1;
        var path = TestModel.OfInitializers(Ramp("a", 5000, 1), alike, tied).Save(_folder.File("model.onnx"));

        var packed = TestModel.Pack(path, GraphProofOptions.Default);

        Assert.Equal(20032 + 20000, packed.Weights.Length);
        Assert.Equal(["0", "20032", "0"], ModelProto.Parser.ParseFrom(packed.Graph).Graph.Initializer.Select(tensor => tensor.ExternalData[1].Value));
    }

    [Fact]
    public void Externalise_ConstantNodeOfMainGraph_MovesToo()
    {
        var model = TestModel.OfInitializers();
        model.Graph.Node.Add(TestModel.Node("Constant", [], ["weight"], new AttributeProto { Name = "value", Type = 4, T = Ramp("", 64, 1) }));
        model.Graph.Node.Add(TestModel.Node("Relu", ["weight"], ["out"]));
        model.Graph.Output.Add(TestModel.Value("out", OnnxDataType.Float32, 64));

        var packed = TestModel.Pack(model.Save(_folder.File("model.onnx")), GraphProofOptions.Default);

        Assert.Equal(256, packed.Weights.Length);
        Assert.Equal("Relu", Assert.Single(ModelProto.Parser.ParseFrom(packed.Graph).Graph.Node).OpType);
    }

    [Fact]
    public void Externalise_ExternalTensorsInSubgraphsAndAttributes_ComeInline()
    {
        File.WriteAllBytes(_folder.File("data.bin"), [.. Enumerable.Range(0, 512).Select(i => (byte)(i % 7))]);
        var model = TestModel.Of(new GraphProto { Name = "main" });
        var then = new GraphProto { Name = "then", Initializer = { TestModel.External("inner", "data.bin", 64) } };
        then.Node.Add(TestModel.Node("Relu", ["inner"], ["then_out"]));
        then.Output.Add(TestModel.Value("then_out", OnnxDataType.Float32, 64));
        var otherwise = new GraphProto { Name = "else" };
        otherwise.Node.Add(TestModel.Node("Constant", [], ["else_out"], new AttributeProto { Name = "value", Type = 4, T = TestModel.External("c", "data.bin", 64, offset: 256, length: 256) }));
        otherwise.Output.Add(TestModel.Value("else_out", OnnxDataType.Float32, 64));
        model.Graph.Input.Add(TestModel.Value("condition", OnnxDataType.Bool));
        model.Graph.Node.Add(TestModel.Node("If", ["condition"], ["out"],
            new AttributeProto { Name = "then_branch", Type = 5, G = then }, new AttributeProto { Name = "else_branch", Type = 5, G = otherwise }));
        model.Graph.Output.Add(TestModel.Value("out", OnnxDataType.Float32, 64));

        var packed = TestModel.Pack(model.Save(_folder.File("model.onnx")), GraphProofOptions.Default);

        Assert.Equal(0, packed.Weights.Length);
        Assert.Equal(2, packed.Proof!.Samples);
        Assert.Equal(-1, packed.Graph.AsSpan().IndexOf("data.bin"u8));
    }

    [Fact]
    public void Externalise_StringsAndSparseTensors_StayInline()
    {
        var strings = new TensorProto { Name = "words", DataType = (int)OnnxDataType.String, Dims = { 40 } };
        strings.StringData.Add(Enumerable.Range(0, 40).Select(i => ByteString.CopyFromUtf8($"word {i}")));
        var model = TestModel.OfInitializers(strings);
        model.Graph.SparseInitializer.Add(new SparseTensorProto
        {
            Values = Ramp("sparse", 50, 1),
            Indices = new TensorProto { Name = "", DataType = (int)OnnxDataType.Int64, Dims = { 50 }, Int64Data = { Enumerable.Range(0, 50).Select(i => 2L * i) } },
            Dims = { 100 },
        });
        model.Graph.Node.Add(TestModel.Node("Relu", ["sparse"], ["dense"]));
        model.Graph.Output.Add(TestModel.Value("dense", OnnxDataType.Float32, 100));

        var packed = TestModel.Pack(model.Save(_folder.File("model.onnx")), GraphProofOptions.Default);

        Assert.Equal(0, packed.Weights.Length);
        Assert.Equal(2, packed.Proof!.Outputs);
    }

    [Fact]
    public void Externalise_DataInFilesOfTheFolder_IsReadWhenThePartIs()
    {
        Directory.CreateDirectory(_folder.File("parts"));
        var bytes = new byte[4096];
        new Random(5).NextBytes(bytes.AsSpan(1000, 2000));
        File.WriteAllBytes(_folder.File("parts", "weights.bin"), bytes);
        var path = TestModel.OfInitializers(
            TestModel.External("a", "parts/weights.bin", 100, offset: 1024),
            TestModel.External("tiny", "./parts/weights.bin", 3, offset: 1024, length: 12),
            TestModel.External("b", "parts/weights.bin", 64, offset: 2048, length: 256)).Save(_folder.File("model.onnx"));

        var packed = TestModel.Pack(path, GraphProofOptions.Default);

        Assert.Equal([.. bytes[1024..1424], .. new byte[48], .. bytes[2048..2304]], packed.Weights.ReadAll());
        Assert.IsType<WeightsSegment.InFile>(packed.Weights.Segments[0]);
        Assert.Equal(bytes[1024..1036], ModelProto.Parser.ParseFrom(packed.Graph).Graph.Initializer[1].RawData.ToByteArray());
    }

    [Theory]
    [InlineData(39, false)]
    [InlineData(41, false)]
    [InlineData(39, true)]
    [InlineData(41, true)]
    public void Externalise_TensorWithAnotherNumberOfValuesThanItsShape_ThrowsInvalidModel(int values, bool raw)
    {
        var tensor = raw
            ? new TensorProto { Name = "weight", DataType = (int)OnnxDataType.Float32, RawData = ByteString.CopyFrom(new byte[4 * values]) }
            : Ramp("weight", values, 1);
        tensor.Dims.Clear();
        tensor.Dims.Add(40);

        var error = Assert.Throws<PackagingException>(() => TestModel.Pack(TestModel.OfInitializers(tensor).Save(_folder.File("model.onnx"))));

        Assert.Equal(PackagingError.InvalidModel, error.Error);
    }

    [Theory]
    [InlineData(-1L, 1L)]
    [InlineData(long.MaxValue, 2L)]
    [InlineData(1L << 40, 1L << 40)]
    public void Externalise_ImpossibleShape_ThrowsInvalidModel(long height, long width)
    {
        var tensor = new TensorProto { Name = "weight", DataType = (int)OnnxDataType.Float32, Dims = { height, width }, RawData = ByteString.CopyFrom(new byte[256]) };

        var error = Assert.Throws<PackagingException>(() => TestModel.Pack(TestModel.OfInitializers(tensor).Save(_folder.File("model.onnx"))));

        Assert.Equal(PackagingError.InvalidModel, error.Error);
        Assert.Contains("'weight'", error.Message, StringComparison.Ordinal);
    }

    private static TensorProto Ramp(string name, int count, float start) => TestModel.Floats(name, [.. Enumerable.Range(0, count).Select(i => start + i)]);

    /// <summary>The same random elements in the typed field and as raw bytes, by the rules of the specification.</summary>
    private static (TensorProto Typed, TensorProto Raw) SampleTensor(OnnxDataType type, int count)
    {
        var random = new Random(type.GetHashCode());
        var typed = new TensorProto { Name = "typed", DataType = (int)type, Dims = { count } };
        using var bytes = new MemoryStream();
        var writer = new BinaryWriter(bytes);
        for (var i = 0; i < count; i++)
        {
            switch (type)
            {
                case OnnxDataType.Float32:
                    typed.FloatData.Add(random.NextSingle());
                    writer.Write(typed.FloatData[i]);
                    break;
                case OnnxDataType.Complex64:
                    typed.FloatData.Add([random.NextSingle(), random.NextSingle()]);
                    writer.Write(typed.FloatData[2 * i]);
                    writer.Write(typed.FloatData[(2 * i) + 1]);
                    break;
                case OnnxDataType.Float64:
                    typed.DoubleData.Add(random.NextDouble());
                    writer.Write(typed.DoubleData[i]);
                    break;
                case OnnxDataType.Complex128:
                    typed.DoubleData.Add([random.NextDouble(), random.NextDouble()]);
                    writer.Write(typed.DoubleData[2 * i]);
                    writer.Write(typed.DoubleData[(2 * i) + 1]);
                    break;
                case OnnxDataType.Int64:
                    typed.Int64Data.Add(random.NextInt64() - (long.MaxValue / 2));
                    writer.Write(typed.Int64Data[i]);
                    break;
                case OnnxDataType.UInt64:
                    typed.Uint64Data.Add((ulong)random.NextInt64() * 2);
                    writer.Write(typed.Uint64Data[i]);
                    break;
                case OnnxDataType.UInt32:
                    typed.Uint64Data.Add((ulong)random.NextInt64(1L << 32));
                    writer.Write((uint)typed.Uint64Data[i]);
                    break;
                case OnnxDataType.Int32:
                    typed.Int32Data.Add(random.Next() - (int.MaxValue / 2));
                    writer.Write(typed.Int32Data[i]);
                    break;
                case OnnxDataType.Int16:
                    typed.Int32Data.Add(random.Next(-32768, 32768));
                    writer.Write((short)typed.Int32Data[i]);
                    break;
                case OnnxDataType.UInt16 or OnnxDataType.Float16 or OnnxDataType.BFloat16:
                    typed.Int32Data.Add(random.Next(65536));
                    writer.Write((ushort)typed.Int32Data[i]);
                    break;
                case OnnxDataType.Int8:
                    typed.Int32Data.Add(random.Next(-128, 128));
                    writer.Write((sbyte)typed.Int32Data[i]);
                    break;
                case OnnxDataType.Bool:
                    typed.Int32Data.Add(random.Next(2));
                    writer.Write((byte)typed.Int32Data[i]);
                    break;
                case OnnxDataType.Int4 or OnnxDataType.UInt4 or OnnxDataType.Float4E2M1 when i % 2 != 0:
                case OnnxDataType.Int2 or OnnxDataType.UInt2 when i % 4 != 0:
                    break;
                default:
                    // What does not fill the last byte is zero.
                    var last = type is OnnxDataType.Int4 or OnnxDataType.UInt4 or OnnxDataType.Float4E2M1 && i == count - 1 ? 16
                        : type is OnnxDataType.Int2 or OnnxDataType.UInt2 && i == count - 3 ? 64 : 256;
                    typed.Int32Data.Add(random.Next(last));
                    writer.Write((byte)typed.Int32Data[^1]);
                    break;
            }
        }

        return (typed, new TensorProto { Name = "raw", DataType = (int)type, Dims = { count }, RawData = ByteString.CopyFrom(bytes.ToArray()) });
    }
}
