using Coffer.Inference;
using Coffer.Remote.OpenInference;
using Coffer.Tensors;
using Google.Protobuf;
using Grpc.Core;

namespace Coffer.Remote.Tests.StandIn;

/// <summary>The Open Inference Protocol over gRPC.</summary>
internal sealed class OpenInferenceService(StandInServer server) : GRPCInferenceService.GRPCInferenceServiceBase
{
    public override Task<ServerReadyResponse> ServerReady(ServerReadyRequest request, ServerCallContext context) => Task.FromResult(new ServerReadyResponse { Ready = true });

    public override Task<ModelReadyResponse> ModelReady(ModelReadyRequest request, ServerCallContext context) => Task.FromResult(new ModelReadyResponse { Ready = server.Models.ContainsKey(request.Name) });

    public override Task<ModelMetadataResponse> ModelMetadata(ModelMetadataRequest request, ServerCallContext context)
    {
        if (!server.Models.TryGetValue(request.Name, out var graph))
        {
            throw new RpcException(new Status(StatusCode.NotFound, $"no model {request.Name}"));
        }

        var reply = new ModelMetadataResponse { Name = request.Name, Platform = "stand-in" };
        reply.Inputs.AddRange(graph.Inputs.Select(Describe));
        reply.Outputs.AddRange(graph.Outputs.Select(Describe));
        return Task.FromResult(reply);
    }

    public override async Task<ModelInferResponse> ModelInfer(ModelInferRequest request, ServerCallContext context)
    {
        var graph = server.Models[request.ModelName];
        if (request.RawInputContents.Count != request.Inputs.Count)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, "raw contents: all or nothing"));
        }

        var inputs = new Dictionary<string, Tensor>();
        foreach (var (tensor, raw) in request.Inputs.Zip(request.RawInputContents))
        {
            var type = graph.Inputs.Single(input => input.Name == tensor.Name).ElementType;
            Assert.Equal(ElementCodec.Of(type).OpenName, tensor.Datatype);
            inputs[tensor.Name] = ElementCodec.Of(type).FromRaw(raw.Span, tensor.Shape.ToArray());
        }

        var outputs = await server.RunAsync(request.ModelName, inputs, context.CancellationToken);
        var reply = new ModelInferResponse { ModelName = request.ModelName };
        foreach (var output in request.Outputs.Where(output => outputs.ContainsKey(output.Name)))
        {
            var tensor = outputs[output.Name];
            var message = new ModelInferResponse.Types.InferOutputTensor { Name = output.Name, Datatype = ElementCodec.Of(tensor.ElementType).OpenName };
            message.Shape.AddRange(tensor.Shape.ToArray());
            reply.Outputs.Add(message);
            reply.RawOutputContents.Add(ByteString.CopyFrom(ElementCodec.Of(tensor.ElementType).ToRaw(tensor)));
        }

        return reply;
    }

    private static ModelMetadataResponse.Types.TensorMetadata Describe(TensorDescription tensor)
    {
        var metadata = new ModelMetadataResponse.Types.TensorMetadata { Name = tensor.Name, Datatype = ElementCodec.Of(tensor.ElementType).OpenName };
        metadata.Shape.AddRange(tensor.Dimensions.Select(dimension => dimension.Size ?? -1));
        return metadata;
    }
}
