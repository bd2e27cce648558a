using Coffer.Inference;
using Coffer.Remote;
using Coffer.Remote.OpenInference;
using Google.Protobuf;
using Grpc.Core;

namespace Coffer.Server;

/// <summary>Open Inference Protocol v2 over gRPC: raw and typed contents in, raw contents out.</summary>
internal sealed class OpenInferenceService(ServingCore core) : GRPCInferenceService.GRPCInferenceServiceBase
{
    public override Task<ServerLiveResponse> ServerLive(ServerLiveRequest request, ServerCallContext context) => Task.FromResult(new ServerLiveResponse { Live = true });

    public override Task<ServerReadyResponse> ServerReady(ServerReadyRequest request, ServerCallContext context) => Task.FromResult(new ServerReadyResponse { Ready = core.IsReady });

    public override Task<ModelReadyResponse> ModelReady(ModelReadyRequest request, ServerCallContext context)
    {
        try
        {
            core.Catalog.Find(request.Name, request.Version);
            return Task.FromResult(new ModelReadyResponse { Ready = true });
        }
        catch (ServingException e) when (e.GrpcStatus == StatusCode.Unavailable)
        {
            return Task.FromResult(new ModelReadyResponse { Ready = false });
        }
        catch (ServingException e)
        {
            throw new RpcException(new Status(e.GrpcStatus, e.Message));
        }
    }

    public override Task<ServerMetadataResponse> ServerMetadata(ServerMetadataRequest request, ServerCallContext context) =>
        Task.FromResult(new ServerMetadataResponse { Name = ServingCore.ServerName, Version = ServingCore.ServerVersion });

    public override Task<ModelMetadataResponse> ModelMetadata(ModelMetadataRequest request, ServerCallContext context) => core.AnswerAsync(context, () =>
    {
        var graph = core.Catalog.Find(request.Name, request.Version);
        var reply = new ModelMetadataResponse { Name = graph.Name, Platform = ServingCore.Platform };
        reply.Versions.AddRange(core.Catalog.Versions(graph.Name).Select(version => version.Version));
        reply.Inputs.AddRange(graph.Signature.Inputs.Select(Describe));
        reply.Outputs.AddRange(graph.Outputs.Select(Describe));
        return ValueTask.FromResult(reply);
    });

    public override Task<ModelInferResponse> ModelInfer(ModelInferRequest request, ServerCallContext context) => core.AnswerAsync(context, () =>
    {
        var graph = core.Catalog.Find(request.ModelName, request.ModelVersion);
        ServingCore.Begin(context.GetHttpContext(), graph.Name, "oip_grpc");
        var inputs = ReadInputs(graph, request);
        IReadOnlyList<TensorDescription> outputs = request.Outputs.Count == 0 ? graph.Outputs : [.. request.Outputs.Select(output => graph.Output(output.Name))];
        return core.RunAsync(graph, inputs, (call, _) => CreateReply(graph, request.Id, outputs, call), context.CancellationToken);
    });

    private static List<RemoteTensor> ReadInputs(ServedGraph graph, ModelInferRequest request)
    {
        var raw = request.RawInputContents;
        if (raw.Count != 0 && raw.Count != request.Inputs.Count)
        {
            throw new InvalidDataException($"it has {request.Inputs.Count} inputs, and the raw contents of {raw.Count}");
        }

        var inputs = new List<RemoteTensor>(request.Inputs.Count);
        for (var i = 0; i < request.Inputs.Count; i++)
        {
            var tensor = request.Inputs[i];
            var input = graph.Input(tensor.Name);
            OpenInferenceTypes.RequireType(input, tensor.Datatype);
            long[] shape = [.. tensor.Shape];
            if (raw.Count == 0)
            {
                OpenInferenceContents.Read(input, shape, tensor.Contents ?? new InferTensorContents());
            }
            else if (tensor.Contents is null)
            {
                OpenInferenceContents.ReadRaw(input, shape, raw[i].Memory);
            }
            else
            {
                throw new InvalidDataException($"{input.Label} has typed contents beside raw ones");
            }

            inputs.Add(input);
        }

        return inputs;
    }

    private static ModelInferResponse CreateReply(ServedGraph graph, string id, IReadOnlyList<TensorDescription> outputs, IModelCall call)
    {
        var reply = new ModelInferResponse { ModelName = graph.Name, ModelVersion = graph.Model.Version, Id = id };
        foreach (var output in outputs)
        {
            var tensor = new ModelInferResponse.Types.InferOutputTensor { Name = output.Name, Datatype = OpenInferenceTypes.ToDatatype(output.ElementType) };
            foreach (var size in call.OutputShape(output.Name))
            {
                tensor.Shape.Add(size);
            }

            reply.Outputs.Add(tensor);
            reply.RawOutputContents.Add(Encode(call, output));
        }

        return reply;
    }

    private static ByteString Encode(IModelCall call, TensorDescription output)
    {
        if (output.ElementType != ElementType.String)
        {
            return ByteString.CopyFrom(TensorTransfer.Bytes(call, output));
        }

        using var texts = RestBody.Create();
        TextBytes.WriteRaw(texts, call.Output<string>(output.Name));
        return ByteString.CopyFrom(texts.Written.Span);
    }

    private static ModelMetadataResponse.Types.TensorMetadata Describe(TensorDescription tensor)
    {
        var metadata = new ModelMetadataResponse.Types.TensorMetadata { Name = tensor.Name, Datatype = tensor.ElementType == ElementType.Unsupported ? "" : OpenInferenceTypes.ToDatatype(tensor.ElementType) };
        metadata.Shape.AddRange(ServingCore.Shape(tensor));
        return metadata;
    }
}
