using Coffer.Remote.TensorFlow.Serving;
using Grpc.Core;

namespace Coffer.Remote.Tests.StandIn;

/// <summary>TensorFlow Serving's model status over gRPC.</summary>
internal sealed class ModelServiceStandIn(StandInServer server) : ModelService.ModelServiceBase
{
    public override Task<GetModelStatusResponse> GetModelStatus(GetModelStatusRequest request, ServerCallContext context)
    {
        if (!server.Models.ContainsKey(request.ModelSpec.Name))
        {
            throw new RpcException(new Status(StatusCode.NotFound, $"Could not find any versions of model {request.ModelSpec.Name}"));
        }

        var reply = new GetModelStatusResponse();
        reply.ModelVersionStatus.Add(new ModelVersionStatus { Version = 2, State = ModelVersionStatus.Types.State.Available, Status = new StatusProto() });
        reply.ModelVersionStatus.Add(new ModelVersionStatus { Version = 1, State = ModelVersionStatus.Types.State.End, Status = new StatusProto { ErrorCode = 8, ErrorMessage = "no memory" } });
        return Task.FromResult(reply);
    }
}
