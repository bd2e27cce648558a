using System.Net;
using System.Net.Sockets;
using Coffer.Bundles;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Coffer.Inference;

/// <summary>
/// Decides what a failure means for a hybrid call. What moves a call to the other side: the device can't run the model, is out of memory,
/// does not have the model, or is too slow; and failures on the way to an endpoint. Everything else stays where it is, above all what a
/// license, a signature or the caller refuses: the other side must not be the way around.
/// </summary>
internal static class FallbackPolicy
{
    /// <summary>What a failure on this device means.</summary>
    public static LegOutcome OnDevice(Exception failure) => failure switch
    {
        InferenceException { Error: InferenceError.OutOfMemory } => LegOutcome.OutOfMemory,
        InferenceException { Error: InferenceError.ProviderUnavailable or InferenceError.RuntimeMissing or InferenceError.RuntimeTooOld } => LegOutcome.DeviceUnavailable,
        BundleException { Error: BundleError.PartMissing } => LegOutcome.ModelAbsent,
        BundleException { Error: BundleError.Unreadable, InnerException: FileNotFoundException or DirectoryNotFoundException } => LegOutcome.ModelAbsent,
        CofferException => LegOutcome.Failed,
        OutOfMemoryException => LegOutcome.OutOfMemory,
        FileNotFoundException or DirectoryNotFoundException => LegOutcome.ModelAbsent,
        TimeoutRejectedException => LegOutcome.DeadlinePassed,
        _ => LegOutcome.Failed,
    };

    /// <summary>What a failure on an endpoint means.</summary>
    public static LegOutcome OnEndpoint(Exception failure) => failure switch
    {
        RemoteException remote => OnEndpoint(remote.Error),
        CofferException => LegOutcome.Failed,
        BrokenCircuitException => LegOutcome.CircuitOpen,
        TimeoutRejectedException => LegOutcome.TimedOut,
        HttpRequestException { StatusCode: { } status } => OnEndpoint(status),
        HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded } => LegOutcome.InvalidReply,
        HttpRequestException or SocketException or IOException => LegOutcome.Unreachable,

        // HttpClient's own timeout is a cancellation that nobody asked for.
        OperationCanceledException { InnerException: TimeoutException } or TimeoutException => LegOutcome.TimedOut,
        _ => LegOutcome.Failed,
    };

    /// <summary>Whether the other side may answer instead.</summary>
    public static bool Moves(LegOutcome outcome) => outcome is not (LegOutcome.Answered or LegOutcome.Failed);

    /// <summary>Whether the endpoint may be asked again in the same call, and its failure counts against it.</summary>
    public static bool IsTransient(LegOutcome outcome) => outcome is LegOutcome.Unreachable or LegOutcome.TimedOut or LegOutcome.Unavailable;

    /// <summary>Whether asking the endpoint again makes sense within so long a wait.</summary>
    public static bool IsWorthRetrying(Exception failure, TimeSpan longest) =>
        IsTransient(OnEndpoint(failure)) && failure is not RemoteException { Error: RemoteError.TlsFailed } && !(RetryAfter(failure) > longest);

    /// <summary>How long the endpoint asks to wait; null if it did not say.</summary>
    public static TimeSpan? RetryAfter(Exception? failure) => (failure as RemoteException)?.RetryAfter;

    private static LegOutcome OnEndpoint(RemoteError error) => error switch
    {
        RemoteError.Unreachable or RemoteError.ConnectionLost or RemoteError.TlsFailed => LegOutcome.Unreachable,
        RemoteError.TimedOut => LegOutcome.TimedOut,
        RemoteError.Throttled or RemoteError.Unavailable => LegOutcome.Unavailable,
        RemoteError.InvalidReply => LegOutcome.InvalidReply,
        _ => LegOutcome.Failed,
    };

    private static LegOutcome OnEndpoint(HttpStatusCode status) => status switch
    {
        HttpStatusCode.RequestTimeout => LegOutcome.TimedOut,
        HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout => LegOutcome.Unavailable,
        _ => LegOutcome.Failed,
    };
}
