using System.Text.Json;
using Coffer.Bundles;
using Coffer.Inference;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Coffer.Server;

/// <summary>
/// The one place where exceptions become answers. What a caller reads says what is wrong with the request, and never a path, a license's
/// id or a stack trace: those go to the log.
/// </summary>
/// <param name="Reason">For programs and metrics: <c>QuotaExceeded</c>, <c>InvalidRequest</c>, …</param>
/// <param name="HttpStatus">The status of REST.</param>
/// <param name="GrpcStatus">The status of gRPC.</param>
/// <param name="Message">For people.</param>
/// <param name="IsFault">Whether the operator should look: the request was right.</param>
internal sealed record ServingFailure(string Reason, int HttpStatus, StatusCode GrpcStatus, string Message, bool IsFault = false)
{
    /// <summary>Seconds after which another try makes sense; null where none does.</summary>
    public int? RetryAfter => Reason is "Busy" or "NotReady" or nameof(LicenseError.ConcurrencyExceeded) ? 1 : null;

    public static ServingFailure Of(Exception exception, CancellationToken aborted) => exception switch
    {
        ServingException e => new(e.Reason, e.HttpStatus, e.GrpcStatus, e.Message),
        LicenseException { Error: LicenseError.QuotaExceeded or LicenseError.ConcurrencyExceeded } e =>
            new($"{e.Error}", StatusCodes.Status429TooManyRequests, StatusCode.ResourceExhausted, $"The model's license refuses the call: {e.Error}."),
        LicenseException e => new($"{e.Error}", StatusCodes.Status403Forbidden, StatusCode.PermissionDenied, $"The model's license refuses the call: {e.Error}."),
        InferenceException { Error: InferenceError.UnknownTensor or InferenceError.WrongElementType or InferenceError.WrongShape or InferenceError.InvalidCall } e => Invalid(e.Message),
        InferenceException { Error: InferenceError.OutOfMemory } =>
            new(nameof(InferenceError.OutOfMemory), StatusCodes.Status503ServiceUnavailable, StatusCode.Unavailable, "The server has no memory left for this call.", IsFault: true),
        InferenceException { Error: InferenceError.RunFailed } =>
            new(nameof(InferenceError.RunFailed), StatusCodes.Status500InternalServerError, StatusCode.Internal, "The model can't be run on these inputs; the server's log says why.", IsFault: true),
        InvalidDataException or FormatException or OverflowException or InputException => Invalid(Sentence(exception.Message)),
        JsonException e => Invalid($"The body is not the JSON that it should be, at line {e.LineNumber + 1}, byte {e.BytePositionInLine}."),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } =>
            new("BodyTooLarge", StatusCodes.Status413PayloadTooLarge, StatusCode.ResourceExhausted, "The body is larger than this server takes."),
        BadHttpRequestException e => new("InvalidRequest", e.StatusCode, StatusCode.InvalidArgument, "The request is broken."),
        OperationCanceledException when aborted.IsCancellationRequested => new("Cancelled", StatusCodes.Status499ClientClosedRequest, StatusCode.Cancelled, "The caller gave up."),
        IOException when aborted.IsCancellationRequested => new("Cancelled", StatusCodes.Status499ClientClosedRequest, StatusCode.Cancelled, "The caller gave up."),
        ObjectDisposedException => Of(ServingException.NotReady("The model was unloaded."), aborted),
        _ => new("Internal", StatusCodes.Status500InternalServerError, StatusCode.Internal, "The server failed; its log says why.", IsFault: true),
    };

    private static ServingFailure Invalid(string message) => new("InvalidRequest", StatusCodes.Status400BadRequest, StatusCode.InvalidArgument, message);

    private static string Sentence(string words) => words.Length == 0 ? "The request is broken." : $"The request is not what the protocol says: {words.TrimEnd('.')}.";
}
