namespace Coffer.Inference;

/// <summary>
/// An endpoint did not give a result. The message holds no credential; it may quote the server's own words, shortened.
/// </summary>
public sealed class RemoteException : CofferException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="error">What is wrong, for programs.</param>
    /// <param name="endpoint">The endpoint; its credentials, query and fragment are dropped.</param>
    /// <param name="message">What it was, what is wrong and what to do, for people.</param>
    /// <param name="innerException">The cause, when another component reported it.</param>
    public RemoteException(RemoteError error, Uri endpoint, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Error = error;
        Endpoint = Bare(endpoint);
    }

    /// <summary>What is wrong, for programs.</summary>
    public RemoteError Error { get; }

    /// <summary>The endpoint: scheme, host, port and path.</summary>
    public Uri Endpoint { get; }

    /// <summary>The HTTP status of the reply, or of the model's own reply where a gateway wrapped it; null without one.</summary>
    public int? HttpStatus { get; init; }

    /// <summary>The gRPC status code of the reply; null without one.</summary>
    public int? GrpcStatus { get; init; }

    /// <summary>
    /// Whether the same call may succeed later without a change: a retry, or another endpoint, makes sense. Calls only compute, so that
    /// repeating one does no harm.
    /// </summary>
    public bool IsTransient => Error is RemoteError.Unreachable or RemoteError.ConnectionLost or RemoteError.TimedOut or RemoteError.Throttled or RemoteError.Unavailable;

    /// <summary>How long the endpoint asks to wait; null if it did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The endpoint's own id of the call, for its operator; null if it gave none.</summary>
    public string? RequestId { get; init; }

    /// <summary>An address without what may be secret in it.</summary>
    internal static Uri Bare(Uri endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        return endpoint.IsAbsoluteUri
            ? new Uri(endpoint.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped))
            : endpoint;
    }
}
