using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Coffer.Server;

/// <summary>A request that this server can't answer, in words that any caller may read.</summary>
internal sealed class ServingException(string reason, int httpStatus, StatusCode grpcStatus, string message) : Exception(message)
{
    public string Reason { get; } = reason;

    public int HttpStatus { get; } = httpStatus;

    public StatusCode GrpcStatus { get; } = grpcStatus;

    public static ServingException NotFound(string message) => new("NotFound", StatusCodes.Status404NotFound, StatusCode.NotFound, message);

    public static ServingException NotReady(string message) => new("NotReady", StatusCodes.Status503ServiceUnavailable, StatusCode.Unavailable, message);

    public static ServingException Busy() => new("Busy", StatusCodes.Status503ServiceUnavailable, StatusCode.Unavailable, "As many calls as this server takes are under way. Try again shortly.");

    public static ServingException Invalid(string message) => new("InvalidRequest", StatusCodes.Status400BadRequest, StatusCode.InvalidArgument, message);

    public static ServingException Forbidden(string message) => new("Forbidden", StatusCodes.Status403Forbidden, StatusCode.PermissionDenied, message);
}
