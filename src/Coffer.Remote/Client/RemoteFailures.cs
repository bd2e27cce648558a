using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;
using Coffer.Inference;

namespace Coffer.Remote;

/// <summary>The one place where failures of HTTP become <see cref="RemoteException"/>.</summary>
internal static class RemoteFailures
{
    private const int MaxQuote = 300;

    private static readonly string[] RequestIdHeaders = ["x-amzn-requestid", "x-ms-request-id", "apim-request-id", "x-goog-request-id", "x-request-id", "x-correlation-id"];

    public static RemoteException NoCredential(Uri endpoint, Exception cause) => new(
        RemoteError.Unauthenticated,
        endpoint,
        $"No credential for {Name(endpoint)}: the provider in {nameof(RemoteEndpointOptions)}.{nameof(RemoteEndpointOptions.Credential)} failed. Nothing was sent.",
        cause);

    public static RemoteException PayloadTooLarge(Uri endpoint, long limit) => new(
        RemoteError.PayloadTooLarge,
        endpoint,
        $"The inputs for {Name(endpoint)} are larger than {limit} bytes, the limit in {nameof(RemoteEndpointOptions)}.{nameof(RemoteEndpointOptions.MaxPayload)}. Nothing was sent. Send fewer or smaller inputs.");

    public static RemoteException ReplyTooLarge(Uri endpoint, long limit) => new(
        RemoteError.ReplyTooLarge,
        endpoint,
        $"The reply of {Name(endpoint)} is larger than {limit} bytes. Raise {nameof(RemoteEndpointOptions)}.{nameof(RemoteEndpointOptions.MaxReply)} if that can be right.");

    public static RemoteException TimedOut(Uri endpoint, TimeSpan timeout, Exception cause) => new(
        RemoteError.TimedOut,
        endpoint,
        $"{Name(endpoint)} gave no complete reply within {timeout.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s ({nameof(RemoteEndpointOptions)}.{nameof(RemoteEndpointOptions.Timeout)}).",
        cause);

    public static RemoteException ConnectTimedOut(Uri endpoint, TimeSpan timeout, Exception cause) => new(
        RemoteError.Unreachable,
        endpoint,
        $"No connection to {Name(endpoint)} within {timeout.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s ({nameof(RemoteEndpointOptions)}.{nameof(RemoteEndpointOptions.ConnectTimeout)}).",
        cause);

    public static RemoteException InvalidReply(Uri endpoint, string what, Exception? cause = null) => new(
        RemoteError.InvalidReply,
        endpoint,
        $"The reply of {Name(endpoint)} is not what the protocol says: {what}. Check that the address and the protocol belong together.",
        cause);

    /// <summary>A connection that failed before, or while, a reply came.</summary>
    public static RemoteException OfTransport(Uri endpoint, Exception cause)
    {
        var (error, what) = Classify(cause);
        return new RemoteException(error, endpoint, $"{Name(endpoint)} {what}.", cause);
    }

    /// <summary>A reply whose status says that there is no result.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="reply">The reply.</param>
    /// <param name="body">The beginning of its body.</param>
    /// <param name="secret">What must not be quoted.</param>
    /// <param name="inner">The model's own status and words where a gateway wrapped them.</param>
    public static RemoteException OfStatus(Uri endpoint, HttpResponseMessage reply, string body, string? secret, (int Status, string? Message)? inner)
    {
        var status = inner?.Status ?? (int)reply.StatusCode;
        var error = OfStatus(status);
        var words = Quote(inner?.Message ?? ServerMessage(body), secret);
        var through = inner is null ? "" : $", passed on by the endpoint with {(int)reply.StatusCode}";
        return new RemoteException(error, endpoint, $"{Name(endpoint)} answered {status}{through}{(words.Length > 0 ? $": \"{words}\"" : "")}. {Advice(error)}")
        {
            HttpStatus = status,
            RetryAfter = RetryAfter(reply) ?? LoadingTime(body),
            RequestId = RequestId(reply),
        };
    }

    /// <summary>An error in the body, or in an event, of a reply whose status said that there would be a result.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="root">The object with the member <c>error</c>.</param>
    /// <param name="requestId">The endpoint's id of the call; null if it gave none.</param>
    /// <param name="secret">What must not be quoted.</param>
    public static RemoteException OfBody(Uri endpoint, JsonElement root, string? requestId, string? secret)
    {
        var error = OfBody(root);
        return new RemoteException(error, endpoint, $"{Name(endpoint)} answered with an error: \"{Quote(ServerMessage(root), secret)}\". {Advice(error)}") { RequestId = requestId };
    }

    public static string? RequestId(HttpResponseMessage reply) => RequestIdHeaders.Select(name => First(reply, name)).FirstOrDefault(id => id is not null);

    public static string Name(Uri endpoint) => RemoteException.Bare(endpoint).ToString();

    public static string Advice(RemoteError error) => error switch
    {
        RemoteError.Unauthenticated => $"Check what {nameof(RemoteEndpointOptions)}.{nameof(RemoteEndpointOptions.Credential)} gives: it may have expired.",
        RemoteError.Forbidden => "Give this identity the right to run the model, or use another one.",
        RemoteError.NotFound => "Check the address, the model's name and its version.",
        RemoteError.PayloadTooLarge => "Send fewer or smaller inputs.",
        RemoteError.Throttled => "Call less often, or after the time that the endpoint names.",
        RemoteError.Unavailable or RemoteError.TimedOut => "Try again later.",
        RemoteError.InvalidRequest => "Check that the model on the server is the one that the inputs are for.",
        RemoteError.NotSupported => "Check that the address and the protocol belong together.",
        RemoteError.InvalidReply => "Redirects are not followed: name the endpoint itself.",
        _ => "The server's log says more.",
    };

    /// <summary>Text from a server for a message: short, on one line, without what is secret.</summary>
    public static string Quote(string text, string? secret)
    {
        if (!string.IsNullOrEmpty(secret))
        {
            text = text.Replace(secret, "(redacted)", StringComparison.Ordinal);
        }

        var line = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        return line.Length <= MaxQuote ? line : line[..MaxQuote] + "…";
    }

    private static RemoteError OfStatus(int status) => status switch
    {
        401 => RemoteError.Unauthenticated,
        403 => RemoteError.Forbidden,
        404 => RemoteError.NotFound,
        405 or 501 => RemoteError.NotSupported,
        408 => RemoteError.TimedOut,
        413 => RemoteError.PayloadTooLarge,
        424 => RemoteError.ModelFailed,
        429 => RemoteError.Throttled,
        502 or 503 or 504 => RemoteError.Unavailable,
        < 400 => RemoteError.InvalidReply,
        < 500 => RemoteError.InvalidRequest,
        _ => RemoteError.ModelFailed,
    };

    private static (RemoteError Error, string What) Classify(Exception cause)
    {
        for (var e = cause; e is not null; e = e.InnerException)
        {
            if (e is AuthenticationException)
            {
                return (RemoteError.TlsFailed, "could not be trusted: TLS failed. Check its certificate, the host's clock, and " + nameof(RemoteEndpointOptions.TrustedRoots));
            }
        }

        if (cause is TimeoutException)
        {
            return (RemoteError.Unreachable, $"can't be reached: no connection within {nameof(RemoteEndpointOptions.ConnectTimeout)}");
        }

        var reason = cause switch
        {
            HttpRequestException http => http.HttpRequestError,
            HttpIOException io => io.HttpRequestError,
            _ => HttpRequestError.Unknown,
        };
        return reason switch
        {
            HttpRequestError.NameResolutionError => (RemoteError.Unreachable, "can't be reached: its name is unknown here"),
            HttpRequestError.ConnectionError or HttpRequestError.ProxyTunnelError or HttpRequestError.SecureConnectionError => (RemoteError.Unreachable, "can't be reached: no connection"),
            HttpRequestError.VersionNegotiationError => (RemoteError.NotSupported, "does not speak the HTTP version that the protocol needs"),
            // What HTTP/2 says of a connection that breaks within its handshake, too.
            HttpRequestError.InvalidResponse when !IsBrokenConnection(cause) => (RemoteError.InvalidReply, "did not answer in HTTP"),
            HttpRequestError.ConfigurationLimitExceeded => (RemoteError.ReplyTooLarge, "sent headers beyond any measure"),
            _ => (RemoteError.ConnectionLost, "was lost before its reply was complete"),
        };
    }

    private static bool IsBrokenConnection(Exception cause)
    {
        for (var e = cause.InnerException; e is not null; e = e.InnerException)
        {
            if (e is SocketException or HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded })
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Servers name the kind of an error in one of these members: a status (vLLM), OpenAI's types and codes, or TGI's and TEI's <c>error_type</c>.</summary>
    private static RemoteError OfBody(JsonElement root)
    {
        var error = root.GetProperty("error");
        foreach (var (holder, name) in (ReadOnlySpan<(JsonElement, string)>)[(error, "code"), (error, "type"), (root, "error_type"), (root, "code")])
        {
            if (holder.ValueKind != JsonValueKind.Object || !holder.TryGetProperty(name, out var value))
            {
                continue;
            }

            if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var status) && status is >= 400 and <= 599)
            {
                return OfStatus(status);
            }

            switch (value.ValueKind == JsonValueKind.String ? value.GetString() : null)
            {
                case "rate_limit_exceeded" or "rate_limit_error" or "requests" or "tokens" or "overloaded" or "Overloaded": return RemoteError.Throttled;
                case "invalid_request_error" or "context_length_exceeded" or "validation" or "Validation" or "BadRequestError": return RemoteError.InvalidRequest;
                case "insufficient_quota": return RemoteError.Forbidden;
                case "model_not_found": return RemoteError.NotFound;
                default: break;
            }
        }

        return RemoteError.ModelFailed;
    }

    private static string ServerMessage(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return ServerMessage(document.RootElement);
        }
        catch (JsonException)
        {
            // Not JSON: quoted as it is.
            return body;
        }
    }

    /// <summary>The words in the shapes that servers use: <c>{"error": "…"}</c>, <c>{"error": {"message": "…"}}</c>, <c>{"message": "…"}</c>; or all of it.</summary>
    private static string ServerMessage(JsonElement root)
    {
        var element = root;
        foreach (var name in (ReadOnlySpan<string>)["error", "message", "Message", "detail"])
        {
            if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value))
            {
                if (value.ValueKind == JsonValueKind.String)
                {
                    return value.GetString()!;
                }

                element = value;
            }
        }

        return root.GetRawText();
    }

    /// <summary>How long a model of Hugging Face's inference API still loads, in seconds.</summary>
    private static TimeSpan? LoadingTime(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("estimated_time", out var time) && time.ValueKind == JsonValueKind.Number
                && time.TryGetDouble(out var seconds) && seconds is >= 0 and < 86_400
                    ? TimeSpan.FromSeconds(seconds)
                    : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage reply)
    {
        var wait = reply.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - TimeProvider.System.GetUtcNow(),
            _ => (TimeSpan?)null,
        };
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    private static string? First(HttpResponseMessage reply, string header) =>
        reply.Headers.TryGetValues(header, out var values) ? Quote(values.First(), secret: null) : null;
}
