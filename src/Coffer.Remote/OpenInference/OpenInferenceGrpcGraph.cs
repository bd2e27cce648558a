using Coffer.Inference;
using Coffer.Remote.OpenInference;
using Google.Protobuf;

namespace Coffer.Remote;

/// <summary>
/// One graph over gRPC: raw tensors both ways, without a copy on the way out, and read where the reply's parser put them.
/// </summary>
internal sealed class OpenInferenceGrpcGraph(OpenInferenceEndpointOptions options, GrpcConnection connection, GRPCInferenceService.GRPCInferenceServiceClient service, OpenInferenceModel model) : IGraphProtocol
{
    public async ValueTask RunAsync(RemoteModelCall call, CancellationToken cancellationToken)
    {
        using var texts = call.Inputs.Any(input => input.Type == ElementType.String) ? new PooledBody(options.Endpoint, options.MaxPayload) : null;
        var request = CreateRequest(model, call, texts);
        if (options.MaxPayload is { } limit && request.CalculateSize() > limit)
        {
            throw RemoteFailures.PayloadTooLarge(options.Endpoint, limit);
        }

        var reply = await connection.CallAsync(service.ModelInferAsync(request, connection.Options(cancellationToken))).ConfigureAwait(false);
        ReadReply(reply, call);
    }

    /// <summary>The request over the call's own memory.</summary>
    /// <param name="model">The model.</param>
    /// <param name="call">Whose inputs are sent.</param>
    /// <param name="texts">Takes the inputs that are texts.</param>
    public static ModelInferRequest CreateRequest(OpenInferenceModel model, RemoteModelCall call, PooledBody? texts)
    {
        var request = new ModelInferRequest { ModelName = model.Name, ModelVersion = model.Version ?? "" };
        foreach (var input in call.Inputs)
        {
            var tensor = new ModelInferRequest.Types.InferInputTensor { Name = input.Name, Datatype = OpenInferenceTypes.ToDatatype(input.Type) };
            tensor.Shape.AddRange(input.Shape);
            request.Inputs.Add(tensor);
            request.RawInputContents.Add(input.Type == ElementType.String ? Encode(input, texts!) : UnsafeByteOperations.UnsafeWrap(input.Content));
        }

        foreach (var output in call.Outputs)
        {
            request.Outputs.Add(new ModelInferRequest.Types.InferRequestedOutputTensor { Name = output.Name });
        }

        return request;
    }

    public static void ReadReply(ModelInferResponse reply, RemoteModelCall call)
    {
        var raw = reply.RawOutputContents;
        if (raw.Count != 0 && raw.Count != reply.Outputs.Count)
        {
            throw new InvalidDataException($"it has {reply.Outputs.Count} outputs, and the contents of {raw.Count}");
        }

        for (var i = 0; i < reply.Outputs.Count; i++)
        {
            var tensor = reply.Outputs[i];
            var output = Array.Find(call.Outputs, candidate => candidate.Name == tensor.Name);
            if (output is null)
            {
                continue;
            }

            if (output.IsFilled)
            {
                throw new InvalidDataException($"output '{output.Name}' is in it twice");
            }

            OpenInferenceTypes.RequireType(output, tensor.Datatype);
            long[] shape = [.. tensor.Shape];
            if (raw.Count == 0)
            {
                OpenInferenceContents.Read(output, shape, tensor.Contents ?? new InferTensorContents());
            }
            else
            {
                OpenInferenceContents.ReadRaw(output, shape, raw[i].Memory);
            }
        }
    }

    private static ByteString Encode(RemoteTensor input, PooledBody texts)
    {
        var start = texts.Written.Length;
        TextBytes.WriteRaw(texts, input.Strings);
        return ByteString.CopyFrom(texts.Written.Span[start..]);
    }
}
