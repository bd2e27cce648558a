namespace Coffer.Inference;

/// <summary>Why an endpoint did not give a result.</summary>
public enum RemoteError
{
    /// <summary>No connection: the name is unknown, nobody listens, the network is away. Transient.</summary>
    Unreachable,

    /// <summary>The connection broke before the reply was complete. Transient.</summary>
    ConnectionLost,

    /// <summary>TLS could not be agreed: the server's certificate is expired, not trusted or for another host, or ours was refused.</summary>
    TlsFailed,

    /// <summary>No complete reply within the timeout, HTTP 408, or gRPC's DEADLINE_EXCEEDED. Transient.</summary>
    TimedOut,

    /// <summary>Too many calls: HTTP 429 or gRPC's RESOURCE_EXHAUSTED. Transient; <see cref="RemoteException.RetryAfter"/> says when.</summary>
    Throttled,

    /// <summary>The server can't serve now: HTTP 502, 503, 504 or gRPC's UNAVAILABLE. Transient.</summary>
    Unavailable,

    /// <summary>The endpoint wants other credentials: HTTP 401, gRPC's UNAUTHENTICATED.</summary>
    Unauthenticated,

    /// <summary>The credentials are good, and don't allow this: HTTP 403, gRPC's PERMISSION_DENIED.</summary>
    Forbidden,

    /// <summary>No such model, version or path: HTTP 404, gRPC's NOT_FOUND.</summary>
    NotFound,

    /// <summary>The endpoint refused the request as it is: another HTTP 4xx, gRPC's INVALID_ARGUMENT and its kin.</summary>
    InvalidRequest,

    /// <summary>The inputs are larger than the endpoint takes. Found before anything is sent where the limit is known.</summary>
    PayloadTooLarge,

    /// <summary>The endpoint does not know the operation: HTTP 405, 501, gRPC's UNIMPLEMENTED.</summary>
    NotSupported,

    /// <summary>The model failed on the server: HTTP 424, another 5xx, gRPC's INTERNAL and its kin.</summary>
    ModelFailed,

    /// <summary>The reply is not what the protocol says: broken, of another content type, a redirect, or without an output that was asked for.</summary>
    InvalidReply,

    /// <summary>The reply is larger than the runner's limit.</summary>
    ReplyTooLarge,
}
