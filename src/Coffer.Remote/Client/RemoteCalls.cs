using System.Text.Json;
using Coffer.Inference;
using Google.Protobuf;

namespace Coffer.Remote;

/// <summary>Every exchange with an endpoint: under the timeout, and with one kind of failure.</summary>
internal static class RemoteCalls
{
    /// <exception cref="RemoteException">The endpoint gave no result.</exception>
    public static async ValueTask RunAsync(RemoteEndpointOptions options, Func<CancellationToken, ValueTask> exchange, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(options.Timeout);
        try
        {
            await exchange(timeout.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (InferenceException or InputException))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Translate(options, timeout.IsCancellationRequested, e);
        }
    }

    /// <summary>What a failure of an exchange is called.</summary>
    /// <param name="options">The endpoint.</param>
    /// <param name="timedOut">Whether its time was up.</param>
    /// <param name="cause">What was thrown.</param>
    public static Exception Translate(RemoteEndpointOptions options, bool timedOut, Exception cause) => cause switch
    {
        RemoteException => cause,
        _ when timedOut => RemoteFailures.TimedOut(options.Endpoint, options.Timeout, cause),
        OperationCanceledException => RemoteFailures.ConnectTimedOut(options.Endpoint, options.ConnectTimeout, cause),
        InvalidDataException => RemoteFailures.InvalidReply(options.Endpoint, cause.Message, cause.InnerException),
        EndOfStreamException => RemoteFailures.InvalidReply(options.Endpoint, "it ends too early", cause),
        JsonException or FormatException or InvalidProtocolBufferException => RemoteFailures.InvalidReply(options.Endpoint, "it is broken", cause),
        HttpRequestException or IOException => RemoteFailures.OfTransport(options.Endpoint, cause),
        _ => cause,
    };
}
