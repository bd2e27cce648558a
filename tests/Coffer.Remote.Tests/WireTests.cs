using System.Text;
using System.Text.Json;
using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Remote.OpenInference;
using Coffer.Remote.TensorFlow;
using Google.Protobuf;

namespace Coffer.Remote.Tests;

/// <summary>The bytes on the wire, worked out by hand from the published field numbers (protobuf: tag = number &lt;&lt; 3 | wire type).</summary>
public sealed class WireTests
{
    private static readonly Uri Endpoint = new("http://127.0.0.1/");

    [Fact]
    public void OpenInferenceRequest_RawTensors_HasThePublishedFields()
    {
        using var call = Call(new TensorDescription("x", ElementType.Float32, [new(1), new(2)]), new TensorDescription("y", ElementType.Float32, [new(1)]));
        ((float[])[1, -2]).CopyTo(call.Input<float>("x", [1, 2]));

        var request = OpenInferenceGrpcGraph.CreateRequest(new OpenInferenceModel("m") { Version = "3" }, call, texts: null);

        AssertBytes(
            """
            0A 01 6D              1 model_name "m"
            12 01 33              2 model_version "3"
            2A 0D                 5 inputs, 13 bytes
              0A 01 78              1 name "x"
              12 04 46 50 33 32     2 datatype "FP32"
              1A 02 01 02           3 shape, packed: 1, 2
            32 03                 6 outputs, 3 bytes
              0A 01 79              1 name "y"
            3A 08                 7 raw_input_contents
              00 00 80 3F           1
              00 00 00 C0           -2
            """,
            request.ToByteArray());
    }

    [Fact]
    public void OpenInferenceRequest_Texts_HaveTheirLengthsBefore()
    {
        using var call = Call(new TensorDescription("t", ElementType.String, [new(2)]), new TensorDescription("y", ElementType.Float32, []));
        ((string[])["ab", ""]).CopyTo(call.Input<string>("t", [2]));
        using var texts = new PooledBody(Endpoint);

        var request = OpenInferenceGrpcGraph.CreateRequest(new OpenInferenceModel("m"), call, texts);

        Assert.Equal("BYTES", request.Inputs[0].Datatype);
        AssertBytes("02 00 00 00 61 62 00 00 00 00", request.RawInputContents[0].ToByteArray());
    }

    [Fact]
    public void OpenInferenceReply_ListsInsteadOfRawContents_AreRead()
    {
        using var call = Call(new TensorDescription("x", ElementType.Float32, []), new TensorDescription("y", ElementType.Int8, [new(2)]), new TensorDescription("t", ElementType.String, [new(1)]));
        var reply = ModelInferResponse.Parser.ParseFrom(Hex(
            """
            0A 01 6D              1 model_name "m"
            2A 1B                 5 outputs, 27 bytes
              0A 01 79              1 name "y"
              12 04 49 4E 54 38     2 datatype "INT8"
              1A 01 02              3 shape, packed: 2
              2A 0D                 5 contents, 13 bytes
                12 0B                 2 int_contents, packed, 11 bytes
                  80 FF FF FF FF FF FF FF FF 01   -128, extended to 64 bits
                  7F                              127
            """));
        reply.Outputs.Add(new ModelInferResponse.Types.InferOutputTensor { Name = "t", Datatype = "BYTES", Shape = { 1L }, Contents = new InferTensorContents { BytesContents = { ByteString.CopyFromUtf8("é") } } });

        OpenInferenceGrpcGraph.ReadReply(reply, call);

        Assert.Equal([-128, 127], call.Outputs[0].Read<sbyte>().ToArray());
        Assert.Equal(["é"], call.Outputs[1].Read<string>());
        reply.Outputs[0].Contents.IntContents[0] = -129;
        call.Outputs[0].Forget();
        call.Outputs[1].Forget();
        Assert.Throws<InvalidDataException>(() => OpenInferenceGrpcGraph.ReadReply(reply, call));
    }

    [Theory]
    [InlineData("FP16", "0A 01 6D 2A 0E 0A 01 79 12 04 46 50 31 36 1A 01 01 2A 00")]
    public void OpenInferenceReply_HalfOutsideRawContents_Throws(string datatype, string hex)
    {
        using var call = Call(new TensorDescription("x", ElementType.Float32, []), new TensorDescription("y", ElementType.Float16, [new(1)]));
        var reply = ModelInferResponse.Parser.ParseFrom(Hex(hex));
        Assert.Equal(datatype, reply.Outputs[0].Datatype);

        Assert.Contains("raw", Assert.Throws<InvalidDataException>(() => OpenInferenceGrpcGraph.ReadReply(reply, call)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new long[] { 3 }, 8, 1)]
    [InlineData(new long[] { -2 }, 8, 1)]
    [InlineData(new long[] { long.MaxValue, 2 }, 8, 1)]
    [InlineData(new long[] { 2 }, 8, 2)]
    public void OpenInferenceReply_ContentsThatDontFitTheShape_Throw(long[] shape, int bytes, int contents)
    {
        using var call = Call(new TensorDescription("x", ElementType.Float32, []), new TensorDescription("y", ElementType.Float32, [], AnyRank: true));
        var reply = new ModelInferResponse { Outputs = { new ModelInferResponse.Types.InferOutputTensor { Name = "y", Datatype = "FP32", Shape = { shape } } } };
        reply.RawOutputContents.AddRange(Enumerable.Repeat(ByteString.CopyFrom(new byte[bytes]), contents));

        Assert.Throws<InvalidDataException>(() => OpenInferenceGrpcGraph.ReadReply(reply, call));
    }

    [Fact]
    public void TensorFlowRequest_Tensor_HasThePublishedFields()
    {
        using var call = Call(new TensorDescription("x", ElementType.Int16, [new(2)]), new TensorDescription("y", ElementType.Float32, []));
        ((short[])[1, -1]).CopyTo(call.Input<short>("x", [2]));

        var request = TensorFlowServingGrpcClient.CreateRequest(new TensorFlowServingModel("m") { Version = 7 }, call);

        AssertBytes(
            """
            0A 18                 1 model_spec, 24 bytes
              0A 01 6D              1 name "m"
              12 02 08 07           2 version, Int64Value{1: 7}
              1A 0F                 3 signature_name "serving_default"
              73 65 72 76 69 6E 67 5F 64 65 66 61 75 6C 74
            12 13                 2 inputs, a map's entry, 19 bytes
              0A 01 78              1 key "x"
              12 0E                 2 value, a TensorProto, 14 bytes
                08 05                 1 dtype DT_INT16
                12 04                 2 tensor_shape
                  12 02                 2 dim
                    08 02                 1 size
                22 04                 4 tensor_content
                  01 00 FF FF
            1A 01 79              3 output_filter "y"
            """,
            request.ToByteArray());
    }

    [Fact]
    public void TensorFlowRequest_Label_TakesFieldFour()
    {
        using var call = Call(new TensorDescription("x", ElementType.Float32, []), new TensorDescription("y", ElementType.Float32, []));
        call.Input<float>("x", [])[0] = 0;

        var request = TensorFlowServingGrpcClient.CreateRequest(new TensorFlowServingModel("m") { Label = "stable", SignatureName = "s" }, call);

        // protoc's C# writes a oneof's members by their numbers too.
        AssertBytes("0A 01 6D   1A 01 73   22 06 73 74 61 62 6C 65", request.ModelSpec.ToByteArray());
    }

    [Theory]
    // 13 half_val, packed varints of the bits: 1.0 = 0x3C00, -2.0 = 0xC000.
    [InlineData(ElementType.Float16, "08 13 12 04 12 02 08 02 6A 05 80 78 80 80 03", "1,-2")]
    // 14 DT_BFLOAT16 in the same list: 1.0 = 0x3F80, -2.0 = 0xC000.
    [InlineData(ElementType.BFloat16, "08 0E 12 04 12 02 08 02 6A 05 80 7F 80 80 03", "1,-2")]
    // 5 float_val: the only element fills the shape.
    [InlineData(ElementType.Float32, "08 01 12 04 12 02 08 03 2A 04 00 00 80 3F", "1,1,1")]
    // 7 int_val: the last element fills the rest.
    [InlineData(ElementType.UInt8, "08 04 12 04 12 02 08 03 3A 03 05 FF 01", "5,255,255")]
    // 16 uint32_val, 17 uint64_val.
    [InlineData(ElementType.UInt32, "08 16 12 04 12 02 08 01 82 01 05 FF FF FF FF 0F", "4294967295")]
    [InlineData(ElementType.UInt64, "08 17 12 04 12 02 08 01 8A 01 01 02", "2")]
    [InlineData(ElementType.Bool, "08 0A 12 04 12 02 08 02 5A 02 01 00", "true,false")]
    [InlineData(ElementType.Int64, "08 09 12 04 12 02 08 01 52 0A FF FF FF FF FF FF FF FF FF 01", "-1")]
    [InlineData(ElementType.String, "08 07 12 04 12 02 08 02 42 01 61 42 00", "\"a\",\"\"")]
    // 4 tensor_content.
    [InlineData(ElementType.Int32, "08 03 12 04 12 02 08 01 22 04 FE FF FF FF", "-2")]
    public void TensorFlowReply_EachList_IsRead(ElementType type, string hex, string expected)
    {
        using var call = Call(new TensorDescription("x", ElementType.Float32, []), new TensorDescription("y", type, [new(null)]));

        TensorFlowTensors.Read(call.Outputs[0], TensorProto.Parser.ParseFrom(Hex(hex)), maxBytes: 1000);

        var tensor = Coffer.Tensors.Tensor.ReadFrom(new Reading(call.Outputs[0]), call.Outputs[0].Description);
        Assert.Equal(expected, string.Join(",", StandIn.ElementCodec.Of(type).ToJson(tensor)));
    }

    [Theory]
    [InlineData(ElementType.Float32, "08 01 12 04 12 02 08 02")]
    [InlineData(ElementType.Float32, "08 01 12 04 12 02 08 01 2A 08 00 00 80 3F 00 00 80 3F")]
    [InlineData(ElementType.Float32, "08 01 12 0A 12 08 08 FF FF FF FF FF FF 7F 2A 04 00 00 80 3F")]
    [InlineData(ElementType.Float32, "08 02 12 00 32 08 00 00 00 00 00 00 F0 3F")]
    [InlineData(ElementType.UInt8, "08 04 12 04 12 02 08 01 3A 02 80 02")]
    [InlineData(ElementType.Bool, "08 0A 12 04 12 02 08 01 22 01 02")]
    [InlineData(ElementType.String, "08 07 12 04 12 02 08 01 42 01 FF")]
    public void TensorFlowReply_TensorThatIsNone_Throws(ElementType type, string hex)
    {
        using var call = Call(new TensorDescription("x", ElementType.Float32, []), new TensorDescription("y", type, [], AnyRank: true));

        Assert.Throws<InvalidDataException>(() => TensorFlowTensors.Read(call.Outputs[0], TensorProto.Parser.ParseFrom(Hex(hex)), maxBytes: 1000));
    }

    [Fact]
    public void OpenInferenceJson_Request_IsThePublishedObject()
    {
        using var call = Call(new TensorDescription("x", ElementType.Float32, [new(2), new(2)]), new TensorDescription("y", ElementType.Float32, []));
        ((float[])[1, -2.5f, 1e-7f, 3.4028235E+38f]).CopyTo(call.Input<float>("x", [2, 2]));
        using var body = new PooledBody(Endpoint);

        OpenInferenceJson.WriteRequest(body, call, binarySizes: null);

        Assert.Equal("""{"inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","data":[1,-2.5,1E-07,3.4028235E+38]}],"outputs":[{"name":"y"}]}""", Encoding.UTF8.GetString(body.Written.Span));
    }

    [Fact]
    public void OpenInferenceBinary_Request_IsJsonThenTensors()
    {
        using var call = CallOf(
            [new("x", ElementType.BFloat16, [new(2)]), new("t", ElementType.String, [new(1)]), new("n", ElementType.UInt16, [new(1)])],
            [new("y", ElementType.Float32, [])]);
        call.Input<BFloat16>("x", [2])[0] = (BFloat16)1f;
        call.Input<BFloat16>("x", [2])[1] = (BFloat16)(-2f);
        call.Input<string>("t", [1])[0] = "é";
        call.Input<ushort>("n", [1])[0] = 0x1234;
        using var head = new PooledBody(Endpoint);
        using var texts = new PooledBody(Endpoint);

        var pieces = OpenInferenceBinaryGraph.CreateRequest(call, head, texts);

        Assert.Equal(
            """{"inputs":[{"name":"x","shape":[2],"datatype":"BF16","parameters":{"binary_data_size":4}},{"name":"t","shape":[1],"datatype":"BYTES","parameters":{"binary_data_size":6}},{"name":"n","shape":[1],"datatype":"UINT16","parameters":{"binary_data_size":2}}],"outputs":[{"name":"y","parameters":{"binary_data":true}}]}""",
            Encoding.UTF8.GetString(pieces[0].Span));
        AssertBytes("80 3F 00 C0   02 00 00 00 C3 A9   34 12", [.. pieces.Skip(1).SelectMany(piece => piece.ToArray())]);
    }

    [Fact]
    public void TensorFlowJson_Requests_AreThePublishedObjects()
    {
        using var call = CallOf([new("x", ElementType.Int32, [new(null), new(2)]), new("image_bytes", ElementType.String, [new(null)])], [new("y", ElementType.Float32, [])]);
        ((int[])[1, 2, 3, 4]).CopyTo(call.Input<int>("x", [2, 2]));
        ((string[])["a", "b"]).CopyTo(call.Input<string>("image_bytes", [2]));
        using var columns = new PooledBody(Endpoint);
        using var rows = new PooledBody(Endpoint);

        TensorFlowServingJson.WriteColumns(columns, call, "serving_default");
        TensorFlowServingJson.WriteRows(rows, call, signatureName: null);

        Assert.Equal("""{"signature_name":"serving_default","inputs":{"x":[[1,2],[3,4]],"image_bytes":[{"b64":"YQ=="},{"b64":"Yg=="}]}}""", Encoding.UTF8.GetString(columns.Written.Span));
        Assert.Equal("""{"instances":[{"x":[1,2],"image_bytes":{"b64":"YQ=="}},{"x":[3,4],"image_bytes":{"b64":"Yg=="}}]}""", Encoding.UTF8.GetString(rows.Written.Span));
    }

    [Theory]
    [InlineData("""{"outputs": [[1.5, NaN], [Infinity, -Infinity]]}""")]
    [InlineData("""{"predictions": [[1.5, NaN], [Infinity, -Infinity]]}""")]
    [InlineData("""{"outputs": {"other": [1], "y": [[1.5, NaN], [Infinity, -Infinity]]}}""")]
    [InlineData("""{"predictions": [{"y": [1.5, NaN], "a \"NaN\" \\": "NaN"}, {"y": [Infinity,-Infinity]}]}""")]
    public void TensorFlowJson_Replies_OfEitherFormWithBareNumbersAreRead(string json)
    {
        using var call = Call(new TensorDescription("x", ElementType.Float32, []), new TensorDescription("y", ElementType.Float32, [new(null), new(2)]));

        TensorFlowServingJson.ReadReply(Encoding.UTF8.GetBytes(json), call);

        Assert.Equal([2L, 2], call.Outputs[0].Shape);
        Assert.Equal([1.5f, float.NaN, float.PositiveInfinity, float.NegativeInfinity], call.Outputs[0].Read<float>());
    }

    [Theory]
    [InlineData("""{"outputs": [[1, 2], [3]]}""")]
    [InlineData("""{"outputs": [[1, 2], 3]}""")]
    [InlineData("""{"outputs": [["1", 2]]}""")]
    [InlineData("""{"outputs": [[{}, 2]]}""")]
    [InlineData("""{"outputs": [[true, 2]]}""")]
    [InlineData("""{"outputs": [[null, 2]]}""")]
    [InlineData("""{"outputs": [[1, 2]], "predictions": [[1, 2]]}""")]
    [InlineData("""{"outputs": {"y": [[1, 2]], "y": [[1, 2]]}}""")]
    [InlineData("""{"predictions": [[1, 2], [1]]}""")]
    [InlineData("""{"predictions": [{}, {"y": [1, 2]}]}""")]
    [InlineData("""{"predictions": 3}""")]
    [InlineData("""{"error": "no"}""")]
    [InlineData("""{"outputs": [[1, 2]]""")]
    [InlineData("""{"outputs": [[1, NaN2]]}""")]
    [InlineData("""{"outputs": [[1, N]]}""")]
    [InlineData("""{"outputs": [[1, "unterminated NaN""")]
    [InlineData("[]")]
    [InlineData("")]
    public void TensorFlowJson_RepliesThatAreNone_Throw(string json)
    {
        using var call = Call(new TensorDescription("x", ElementType.Float32, []), new TensorDescription("y", ElementType.Float32, [new(null), new(2)]));

        Assert.True(Record.Exception(() => TensorFlowServingJson.ReadReply(Encoding.UTF8.GetBytes(json), call)) is InvalidDataException or JsonException or FormatException);
    }

    [Theory]
    [InlineData("""{"outputs": [{"name": "y", "shape": [3], "datatype": "FP32", "data": [1, 2]}]}""")]
    [InlineData("""{"outputs": [{"name": "y", "shape": [2, 4611686018427387905], "datatype": "FP32", "data": [1, 2]}]}""")]
    [InlineData("""{"outputs": [{"name": "y", "shape": [-2], "datatype": "FP32", "data": [1, 2]}]}""")]
    [InlineData("""{"outputs": [{"name": "y", "shape": [2], "datatype": "INT8", "data": [1, 2]}]}""")]
    [InlineData("""{"outputs": [{"name": "y", "shape": [2], "datatype": "FP32"}]}""")]
    [InlineData("""{"outputs": [{"name": "y", "shape": [2], "datatype": "FP32", "data": 3}]}""")]
    [InlineData("""{"outputs": [{"name": "y", "shape": [1], "datatype": "FP32", "data": [1]}, {"name": "y", "shape": [1], "datatype": "FP32", "data": [1]}]}""")]
    [InlineData("""{"outputs": {"y": 1}}""")]
    [InlineData("""{"outputs": [{"name": 3}]}""")]
    public void OpenInferenceJson_RepliesThatAreNone_Throw(string json)
    {
        using var call = Call(new TensorDescription("x", ElementType.Float32, []), new TensorDescription("y", ElementType.Float32, [], AnyRank: true));

        Assert.True(Record.Exception(() => OpenInferenceJson.ReadReply(Encoding.UTF8.GetBytes(json), call)) is InvalidDataException or JsonException or FormatException);
    }

    [Fact]
    public void OpenInferenceJson_NestedDataBeforeItsShape_IsRead()
    {
        using var call = Call(new TensorDescription("x", ElementType.Float32, []), new TensorDescription("y", ElementType.Int64, [new(2), new(1)]));

        OpenInferenceJson.ReadReply("""{"id": "1", "outputs": [{"data": [[1], [-9223372036854775808]], "parameters": {"content_type": "np"}, "name": "y", "shape": [2, 1], "datatype": "INT64"}, {"name": "more", "shape": [], "datatype": "?", "data": []}]}"""u8, call);

        Assert.Equal([1, long.MinValue], call.Outputs[0].Read<long>());
    }

    private static RemoteModelCall Call(TensorDescription input, params TensorDescription[] outputs) => CallOf([input], outputs);

    private static RemoteModelCall CallOf(TensorDescription[] inputs, TensorDescription[] outputs)
    {
        var options = new OpenInferenceEndpointOptions { Endpoint = Endpoint, Models = [] };
        return new RemoteGraph(new ModelSignature("g", inputs, outputs, default, ExecutionTarget.Remote, ""), options, null!, new EndpointLease(new MemoryStream())).Rent();
    }

    private static void AssertBytes(string expected, byte[] actual) => Assert.Equal(Convert.ToHexString(Hex(expected)), Convert.ToHexString(actual));

    /// <summary>The pairs of hex digits at each line's start; what follows is for people.</summary>
    private static byte[] Hex(string text) => [.. text.Split('\n').SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .TakeWhile(word => word.Length == 2 && word.All(char.IsAsciiHexDigit)).Select(word => Convert.ToByte(word, 16)))];

    /// <summary>An output that is read without a run.</summary>
    private sealed class Reading(RemoteTensor output) : IModelCall
    {
        public Span<T> Input<T>(string name, scoped ReadOnlySpan<long> shape) => throw new NotSupportedException();

        public ReadOnlySpan<T> Output<T>(string name) => output.Read<T>();

        public ReadOnlySpan<long> OutputShape(string name) => output.Shape;

        public void Carry(string from, string to) => throw new NotSupportedException();

        public void Run(CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask RunAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
