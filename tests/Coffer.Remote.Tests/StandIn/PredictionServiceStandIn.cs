using Coffer.Inference;
using Coffer.Remote.TensorFlow;
using Coffer.Remote.TensorFlow.Serving;
using Coffer.Tensors;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Coffer.Remote.Tests.StandIn;

/// <summary>TensorFlow Serving's predictions over gRPC.</summary>
internal sealed class PredictionServiceStandIn(StandInServer server) : PredictionService.PredictionServiceBase
{
    public override Task<GetModelMetadataResponse> GetModelMetadata(GetModelMetadataRequest request, ServerCallContext context)
    {
        Assert.Equal("", request.ModelSpec.SignatureName);
        if (!server.Models.TryGetValue(request.ModelSpec.Name, out var graph))
        {
            throw new RpcException(new Status(StatusCode.NotFound, $"Servable not found for request: Latest({request.ModelSpec.Name})"));
        }

        var signature = new SignatureDef { MethodName = "tensorflow/serving/predict" };
        foreach (var input in graph.Inputs)
        {
            signature.Inputs.Add(input.Name, Describe(input));
        }

        foreach (var output in graph.Outputs)
        {
            signature.Outputs.Add(output.Name, Describe(output));
        }

        var map = new SignatureDefMap();
        map.SignatureDef.Add("serving_default", signature);
        var reply = new GetModelMetadataResponse { ModelSpec = request.ModelSpec };
        reply.Metadata.Add("signature_def", Any.Pack(map));
        return Task.FromResult(reply);
    }

    public override async Task<PredictResponse> Predict(PredictRequest request, ServerCallContext context)
    {
        var graph = server.Models[request.ModelSpec.Name];
        var inputs = graph.Inputs.ToDictionary(input => input.Name, input => Read(request.Inputs[input.Name], input.ElementType));
        var outputs = await server.RunAsync(request.ModelSpec.Name, inputs, context.CancellationToken);
        var reply = new PredictResponse();
        foreach (var name in request.OutputFilter.Where(outputs.ContainsKey))
        {
            reply.Outputs.Add(name, Write(outputs[name], server.SendsContent));
        }

        return reply;
    }

    public override Task<ClassificationResponse> Classify(ClassificationRequest request, ServerCallContext context)
    {
        var reply = new ClassificationResponse { Result = new ClassificationResult() };
        foreach (var example in request.Input.ExampleList.Examples)
        {
            var x = example.Features.Feature["x"].FloatList.Value;
            var item = new Classifications();
            item.Classes.Add(new Class { Label = "sum", Score = x.Sum() });
            item.Classes.Add(new Class { Label = example.Features.Feature["name"].BytesList.Value[0].ToStringUtf8(), Score = example.Features.Feature["n"].Int64List.Value[0] });
            reply.Result.Classifications.Add(item);
        }

        return Task.FromResult(reply);
    }

    public override Task<RegressionResponse> Regress(RegressionRequest request, ServerCallContext context)
    {
        var reply = new RegressionResponse { Result = new RegressionResult() };
        reply.Result.Regressions.AddRange(request.Input.ExampleList.Examples.Select(example => new Regression { Value = example.Features.Feature["x"].FloatList.Value.Sum() }));
        return Task.FromResult(reply);
    }

    private static Tensor Read(TensorProto tensor, ElementType type)
    {
        long[] shape = [.. tensor.TensorShape.Dim.Select(dimension => dimension.Size)];
        return type == ElementType.String
            ? Tensor.Create(tensor.StringVal.Select(text => text.ToStringUtf8()).ToArray(), shape)
            : ElementCodec.Of(type).FromRaw(tensor.TensorContent.Span, shape);
    }

    private static TensorProto Write(Tensor tensor, bool asContent)
    {
        var message = new TensorProto { Dtype = Type(tensor.ElementType), TensorShape = new TensorShapeProto() };
        message.TensorShape.Dim.AddRange(tensor.Shape.ToArray().Select(size => new TensorShapeProto.Types.Dim { Size = size }));
        if (asContent && tensor.ElementType != ElementType.String)
        {
            message.TensorContent = ByteString.CopyFrom(ElementCodec.Of(tensor.ElementType).ToRaw(tensor));
            return message;
        }

        switch (tensor.ElementType)
        {
            case ElementType.Float32: message.FloatVal.AddRange(tensor.AsSpan<float>().ToArray()); break;
            case ElementType.Float64: message.DoubleVal.AddRange(tensor.AsSpan<double>().ToArray()); break;
            case ElementType.Float16: message.HalfVal.AddRange(tensor.AsSpan<Half>().ToArray().Select(value => (int)BitConverter.HalfToUInt16Bits(value))); break;
            case ElementType.BFloat16: message.HalfVal.AddRange(tensor.AsSpan<BFloat16>().ToArray().Select(value => (int)value.Bits)); break;
            case ElementType.Int8: message.IntVal.AddRange(tensor.AsSpan<sbyte>().ToArray().Select(value => (int)value)); break;
            case ElementType.Int16: message.IntVal.AddRange(tensor.AsSpan<short>().ToArray().Select(value => (int)value)); break;
            case ElementType.Int32: message.IntVal.AddRange(tensor.AsSpan<int>().ToArray()); break;
            case ElementType.Int64: message.Int64Val.AddRange(tensor.AsSpan<long>().ToArray()); break;
            case ElementType.UInt8: message.IntVal.AddRange(tensor.AsSpan<byte>().ToArray().Select(value => (int)value)); break;
            case ElementType.UInt16: message.IntVal.AddRange(tensor.AsSpan<ushort>().ToArray().Select(value => (int)value)); break;
            case ElementType.UInt32: message.Uint32Val.AddRange(tensor.AsSpan<uint>().ToArray()); break;
            case ElementType.UInt64: message.Uint64Val.AddRange(tensor.AsSpan<ulong>().ToArray()); break;
            case ElementType.Bool: message.BoolVal.AddRange(tensor.AsSpan<bool>().ToArray()); break;
            default: message.StringVal.AddRange(tensor.AsSpan<string>().ToArray().Select(ByteString.CopyFromUtf8)); break;
        }

        return message;
    }

    private static TensorInfo Describe(TensorDescription tensor)
    {
        var info = new TensorInfo { Name = $"{tensor.Name}:0", Dtype = Type(tensor.ElementType), TensorShape = new TensorShapeProto() };
        info.TensorShape.Dim.AddRange(tensor.Dimensions.Select(dimension => new TensorShapeProto.Types.Dim { Size = dimension.Size ?? -1, Name = dimension.Symbol }));
        return info;
    }

    private static DataType Type(ElementType type) => System.Enum.Parse<DataType>(ElementCodec.Of(type).TensorFlowName.Replace("_", "", StringComparison.Ordinal), ignoreCase: true);
}
