using System.Globalization;
using Coffer.Inference;
using Google.Protobuf;
using Grpc.Core;

namespace Coffer.Remote;

/// <summary>The one place where failures of gRPC become <see cref="RemoteException"/>.</summary>
internal static class GrpcFailures
{
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="cause">What gRPC says.</param>
    /// <param name="secret">What must not be quoted.</param>
    public static RemoteException Of(Uri endpoint, RpcException cause, string? secret)
    {
        // What the handlers below gRPC found is more exact.
        for (var e = cause.Status.DebugException; e is not null; e = e.InnerException)
        {
            if (e is RemoteException known)
            {
                return known;
            }

            if (e is HttpRequestException or HttpIOException or TimeoutException)
            {
                return RemoteFailures.OfTransport(endpoint, e);
            }

            if (e is InvalidProtocolBufferException or InvalidDataException)
            {
                return RemoteFailures.InvalidReply(endpoint, "it is broken", e);
            }
        }

        var error = OfStatus(cause.Status);
        var words = RemoteFailures.Quote(cause.Status.Detail, secret);
        return new RemoteException(
            error,
            endpoint,
            $"{RemoteFailures.Name(endpoint)} answered {cause.StatusCode}{(words.Length > 0 ? $": \"{words}\"" : "")}. {RemoteFailures.Advice(error)}")
        {
            GrpcStatus = (int)cause.StatusCode,
            RetryAfter = RetryAfter(cause.Trailers),
            RequestId = cause.Trailers.GetValue("x-request-id"),
        };
    }

    private static RemoteError OfStatus(Status status) => status.StatusCode switch
    {
        StatusCode.InvalidArgument or StatusCode.FailedPrecondition or StatusCode.OutOfRange or StatusCode.AlreadyExists => RemoteError.InvalidRequest,
        StatusCode.DeadlineExceeded => RemoteError.TimedOut,
        StatusCode.NotFound => RemoteError.NotFound,
        StatusCode.PermissionDenied => RemoteError.Forbidden,
        StatusCode.Unauthenticated => RemoteError.Unauthenticated,
        // gRPC has one status for a busy server and for a message beyond its limit; every implementation says which in words.
        StatusCode.ResourceExhausted => IsAboutLength(status.Detail) ? RemoteError.PayloadTooLarge : RemoteError.Throttled,
        StatusCode.Unimplemented => RemoteError.NotSupported,
        StatusCode.Unavailable or StatusCode.Aborted or StatusCode.Cancelled => RemoteError.Unavailable,
        _ => RemoteError.ModelFailed,
    };

    private static bool IsAboutLength(string detail) =>
        detail.Contains("message", StringComparison.OrdinalIgnoreCase)
        && (detail.Contains("maximum", StringComparison.OrdinalIgnoreCase) || detail.Contains("larger than max", StringComparison.OrdinalIgnoreCase));

    /// <summary>gRPC's own push-back in milliseconds, or HTTP's header in seconds, as a proxy leaves it.</summary>
    private static TimeSpan? RetryAfter(Metadata trailers) =>
        Parse(trailers.GetValue("grpc-retry-pushback-ms")) is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds)
        : Parse(trailers.GetValue("retry-after")) is { } seconds ? TimeSpan.FromSeconds(seconds)
        : null;

    private static int? Parse(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
}
