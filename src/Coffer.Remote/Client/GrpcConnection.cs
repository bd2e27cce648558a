using Grpc.Core;
using Grpc.Net.Client;

namespace Coffer.Remote;

/// <summary>A gRPC channel with the endpoint's credentials, limits and TLS.</summary>
internal sealed class GrpcConnection : IDisposable
{
    private static readonly Metadata CompressedHeaders = new() { { "grpc-internal-encoding-request", "gzip" } };

    private readonly RemoteEndpointOptions _options;
    private readonly CredentialHandler _handler;
    private readonly GrpcChannel _channel;

    public GrpcConnection(RemoteEndpointOptions options)
    {
        _options = options;
        _handler = EndpointHandlers.Create(options, isGrpc: true);
        _channel = GrpcChannel.ForAddress(options.Endpoint, new GrpcChannelOptions
        {
            HttpHandler = _handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = (int)Math.Min(options.MaxReply, Array.MaxLength),
            MaxSendMessageSize = null,
            // Retries are the caller's policy, and the connection's own would hide them.
            MaxRetryAttempts = null,
            ThrowOperationCanceledOnCancellation = true,
        });
        Invoker = _channel.CreateCallInvoker();
    }

    public CallInvoker Invoker { get; }

    /// <summary>The deadline travels, so that the server need not finish what nobody waits for.</summary>
    public CallOptions Options(CancellationToken cancellationToken) => new(
        _options.Compress ? CompressedHeaders : null,
        TimeProvider.System.GetUtcNow().UtcDateTime + _options.Timeout,
        cancellationToken);

    /// <exception cref="Inference.RemoteException">There is no reply.</exception>
    public async ValueTask<T> CallAsync<T>(AsyncUnaryCall<T> call)
    {
        try
        {
            return await call.ResponseAsync.ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            throw GrpcFailures.Of(_options.Endpoint, e, _handler.LatestSecret);
        }
        catch (OperationCanceledException) when (call.GetStatus().StatusCode == StatusCode.DeadlineExceeded)
        {
            throw GrpcFailures.Of(_options.Endpoint, new RpcException(call.GetStatus(), call.GetTrailers()), _handler.LatestSecret);
        }
        finally
        {
            call.Dispose();
        }
    }

    public void Dispose() => _channel.Dispose();
}
