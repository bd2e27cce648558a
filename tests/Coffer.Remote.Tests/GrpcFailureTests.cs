using Coffer.Inference;
using Coffer.Remote.Tests.StandIn;
using Grpc.Core;

namespace Coffer.Remote.Tests;

/// <summary>Statuses of gRPC itself, as servers give them: not HTTP's.</summary>
public sealed class GrpcFailureTests : IAsyncLifetime
{
    private const string Secret = "s3cr3t-t0ken-0123456789";

    private StandInServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await StandInServer.StartAsync(TestModels.All);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(StatusCode.InvalidArgument, RemoteError.InvalidRequest, false)]
    [InlineData(StatusCode.DeadlineExceeded, RemoteError.TimedOut, true)]
    [InlineData(StatusCode.NotFound, RemoteError.NotFound, false)]
    [InlineData(StatusCode.PermissionDenied, RemoteError.Forbidden, false)]
    [InlineData(StatusCode.Unauthenticated, RemoteError.Unauthenticated, false)]
    [InlineData(StatusCode.ResourceExhausted, RemoteError.Throttled, true)]
    [InlineData(StatusCode.Unimplemented, RemoteError.NotSupported, false)]
    [InlineData(StatusCode.Unavailable, RemoteError.Unavailable, true)]
    [InlineData(StatusCode.Internal, RemoteError.ModelFailed, false)]
    [InlineData(StatusCode.Unknown, RemoteError.ModelFailed, false)]
    public async Task RunAsync_Status_BecomesItsError(StatusCode status, RemoteError error, bool isTransient)
    {
        var exception = await FailAsync(new RpcException(new Status(status, $"busy {Secret}"), new Metadata { { "grpc-retry-pushback-ms", "1500" }, { "x-request-id", "request-1" } }));

        Assert.Equal(error, exception.Error);
        Assert.Equal(isTransient, exception.IsTransient);
        Assert.Equal((int)status, exception.GrpcStatus);
        Assert.Null(exception.HttpStatus);
        Assert.Equal(TimeSpan.FromSeconds(1.5), exception.RetryAfter);
        Assert.Equal("request-1", exception.RequestId);
        Assert.Contains("busy (redacted)", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, exception.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Received message exceeds the maximum configured message size.")]
    [InlineData("SERVER: Received message larger than max (5000000 vs. 4194304)")]
    public async Task RunAsync_ServersLengthLimit_IsNotThrottling(string detail)
    {
        var exception = await FailAsync(new RpcException(new Status(StatusCode.ResourceExhausted, detail)));

        Assert.Equal(RemoteError.PayloadTooLarge, exception.Error);
        Assert.False(exception.IsTransient);
    }

    private async Task<RemoteException> FailAsync(RpcException thrown)
    {
        _server.OnRun = _ => throw thrown;
        using var runner = await OpenInferenceModelRunner.ConnectAsync(
            new OpenInferenceEndpointOptions { Endpoint = _server.Grpc, Models = [new OpenInferenceModel("affine")], Credential = _ => ValueTask.FromResult(RemoteCredential.Bearer(Secret)) },
            Token);
        using var call = runner.Rent("model");
        call.Input<float>("x", [1, 2]).Fill(1);
        call.Input<float>("offset", [2]).Fill(1);
        return await Assert.ThrowsAsync<RemoteException>(async () => await call.RunAsync(Token));
    }
}
