using System.Net.Sockets;
using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Remote.Tests.StandIn;
using Coffer.Tensors;
using Coffer.Tests.Inference;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Coffer.Remote.Tests;

/// <summary>
/// What every runner over a network must do beyond <see cref="ModelRunnerConformance"/>: the same numbers, one kind of failure, no secret in
/// any text. A runner's tests derive from this.
/// </summary>
public abstract class RemoteModelRunnerConformance : ModelRunnerConformance, IAsyncLifetime
{
    private const string Secret = "s3cr3t-t0ken-0123456789";

    private StandInServer _server = null!;

    private protected StandInServer Server => _server;

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Whether it travels over gRPC.</summary>
    protected virtual bool IsGrpc => false;

    /// <summary>Whether it can ask what a model takes and gives.</summary>
    protected virtual bool Describes => true;

    /// <summary>Whether it can run <see cref="TestModels.Types"/>.</summary>
    protected virtual bool RunsAllTypes => true;

    public async ValueTask InitializeAsync() => _server = await StandInServer.StartAsync(TestModels.All);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>How the runner reaches a model.</summary>
    /// <param name="server">Rest or Grpc of the server, or its TLS address.</param>
    /// <param name="model">The model's name on the server, and the graph's.</param>
    /// <param name="signature">What it is; null to ask the server.</param>
    private protected abstract RemoteEndpointOptions Options(Uri server, string model, ModelSignature? signature);

    private protected abstract ValueTask<RemoteModelRunner> ConnectAsync(RemoteEndpointOptions options);

    /// <summary>Gives it a credential, as the runner's users do.</summary>
    private protected virtual RemoteEndpointOptions WithSecret(RemoteEndpointOptions options, string secret) => options with { Credential = _ => ValueTask.FromResult(RemoteCredential.Bearer(secret)) };

    protected override IModelRunner CreateRunner() => ConnectAsync(AffineOptions(signature: !Describes)).AsTask().GetAwaiter().GetResult();

    [Fact]
    public async Task RunAsync_SampleModel_GivesTheLocalRunnersNumbers()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.SendDiagnosticMessage("seed {0}", seed);
        var random = new Random(seed);
        float[] pixels = [.. Enumerable.Range(0, 2 * 3 * 32 * 32).Select(_ => (random.NextSingle() * 4) - 2)];
        using var local = TestModels.Digits.Rent("model");
        pixels.CopyTo(local.Input<float>("pixel_values", [2, 3, 32, 32]));
        local.Run(Token);

        using var runner = await ConnectAsync(Options(Address, "digits", TestModels.Signature(TestModels.All["digits"])));
        using var call = runner.Rent("digits");
        pixels.CopyTo(call.Input<float>("pixel_values", [2, 3, 32, 32]));
        await call.RunAsync(Token);

        Assert.Equal(local.OutputShape("logits"), call.OutputShape("logits"));
        Assert.Equal(local.Output<float>("logits"), call.Output<float>("logits"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    [InlineData(3)]
    public async Task RunAsync_EveryElementType_ComesBackBitForBit(int rows)
    {
        if (!RunsAllTypes)
        {
            Assert.Skip("The protocol has not all types.");
        }

        using var runner = await ConnectAsync(Options(Address, "types", TestModels.Signature(TestModels.Types)));
        using var call = runner.Rent("types");
        var inputs = new Dictionary<ElementType, Tensor>();
        foreach (var type in ElementCodec.Types)
        {
            inputs[type] = ExtremeTensors.Of(type, rows);
            inputs[type].WriteTo(call, $"in_{type}");
        }

        await call.RunAsync(Token);

        foreach (var output in TestModels.Types.Outputs)
        {
            var tensor = Tensor.ReadFrom(call, output);
            Assert.Equal([rows, 2L], tensor.Shape);
            Assert.Equal(ElementCodec.Of(output.ElementType).ToJson(inputs[output.ElementType]), ElementCodec.Of(output.ElementType).ToJson(tensor));
        }
    }

    [Fact]
    public async Task Describe_Endpoint_SaysWhereItRunsAndWhatItCanDo()
    {
        using var runner = await ConnectAsync(AffineOptions() with { MaxPayload = 1000 });

        var signature = runner.Describe(Graph);

        Assert.Equal(ExecutionTarget.Remote, signature.Target);
        Assert.False(signature.Capabilities.Synchronous);
        Assert.False(signature.Capabilities.Carry);
        Assert.Equal(1000, signature.Capabilities.MaxPayload);
        Assert.Equal(Address.Authority, runner.Endpoint.Authority);
        Assert.True(await runner.IsReadyAsync(Token));
    }

    [Fact]
    public async Task RunAsync_CredentialAndHeaders_TravelWithEveryRequest()
    {
        _server.Fault = context => Task.FromResult(Unless(context.Request.Headers.Authorization.ToString().Contains(Secret, StringComparison.Ordinal) && context.Request.Headers["x-route"] == "blue", context, 401));

        using var runner = await ConnectAsync(WithSecret(AffineOptions(), Secret) with { Headers = new Dictionary<string, string> { ["x-route"] = "blue" } });

        // A signature shows no secret.
        Assert.Equal(!IsSigned, await SucceedsAsync(runner));
    }

    [Fact]
    public async Task RunAsync_Activity_CarriesTheTraceContext()
    {
        using var runner = await ConnectAsync(AffineOptions());
        using var activity = new System.Diagnostics.Activity("test").Start();

        await RunAsync(runner);

        Assert.Contains(activity.TraceId.ToString(), _server.Requests.Last().Headers["traceparent"].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_RefusedCredential_ThrowsUnauthenticatedWithoutTheSecret()
    {
        // A server that quotes what it was sent.
        _server.Fault = async context =>
        {
            context.Response.StatusCode = 401;
            await context.Response.WriteAsJsonAsync(new { error = $"bad credential {context.Request.Headers.Authorization} {Secret}" });
            return true;
        };
        using var runner = await ConnectAsync(WithSecret(AffineOptions(), Secret));

        var exception = await FailAsync(runner);

        Assert.Equal(RemoteError.Unauthenticated, exception.Error);
        Assert.False(exception.IsTransient);
        Assert.DoesNotContain(Secret, exception.ToString(), StringComparison.Ordinal);
        Assert.Contains("(redacted)", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_CredentialProviderFails_ThrowsUnauthenticatedAndSendsNothing()
    {
        var options = AffineOptions();
        using var runner = await ConnectAsync(WithFailingSecret(options));

        var exception = await FailAsync(runner);

        Assert.Equal(RemoteError.Unauthenticated, exception.Error);
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public void ToString_Options_HoldsNoSecret()
    {
        var options = WithSecret(AffineOptions(), Secret) with { Headers = new Dictionary<string, string> { ["x-key"] = Secret }, Endpoint = new Uri($"{AffineOptions().Endpoint}?key={Secret}") };

        Assert.DoesNotContain(Secret, options.ToString(), StringComparison.Ordinal);
        Assert.Contains(Address.Authority, options.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(302, RemoteError.InvalidReply, false)]
    [InlineData(400, RemoteError.InvalidRequest, false)]
    [InlineData(401, RemoteError.Unauthenticated, false)]
    [InlineData(403, RemoteError.Forbidden, false)]
    [InlineData(404, RemoteError.NotFound, false)]
    [InlineData(405, RemoteError.NotSupported, false)]
    [InlineData(408, RemoteError.TimedOut, true)]
    [InlineData(413, RemoteError.PayloadTooLarge, false)]
    [InlineData(424, RemoteError.ModelFailed, false)]
    [InlineData(429, RemoteError.Throttled, true)]
    [InlineData(500, RemoteError.ModelFailed, false)]
    [InlineData(501, RemoteError.NotSupported, false)]
    [InlineData(502, RemoteError.Unavailable, true)]
    [InlineData(503, RemoteError.Unavailable, true)]
    [InlineData(504, RemoteError.Unavailable, true)]
    public async Task RunAsync_Status_BecomesItsError(int status, RemoteError error, bool isTransient)
    {
        _server.Fault = async context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = "7";
            context.Response.Headers["x-request-id"] = "request-1";
            await context.Response.WriteAsJsonAsync(new { error = new { message = "as the server says" } });
            return true;
        };
        using var runner = await ConnectAsync(AffineOptions());

        var exception = await FailAsync(runner);

        Assert.Equal(error, exception.Error);
        Assert.Equal(isTransient, exception.IsTransient);
        Assert.Equal(status, exception.HttpStatus);
        Assert.Equal(TimeSpan.FromSeconds(7), exception.RetryAfter);
        Assert.Equal("request-1", exception.RequestId);
        Assert.Contains("as the server says", exception.Message, StringComparison.Ordinal);
        Assert.Equal("", exception.Endpoint.Query);
    }

    [Fact]
    public async Task RunAsync_AfterAFailure_SucceedsOnTheSameCall()
    {
        using var runner = await ConnectAsync(AffineOptions());
        using var call = runner.Rent(Graph);
        Write(call);
        _server.Fault = context => Task.FromResult(Unless(false, context, 503));
        await Assert.ThrowsAsync<RemoteException>(async () => await call.RunAsync(Token));
        Assert.Equal(InferenceError.InvalidCall, Assert.Throws<InferenceException>(() => call.Output<float>("y").Length).Error);
        _server.Fault = null;

        await call.RunAsync(Token);

        Assert.Equal([12f, 24], call.Output<float>("y"));
    }

    [Fact]
    public async Task RunAsync_Cancelled_EndsTheRequestAndLeavesTheCallUsable()
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.OnRun = async token =>
        {
            started.TrySetResult();
            var never = new TaskCompletionSource();
            await using var registration = token.Register(() =>
            {
                ended.TrySetResult();
                never.TrySetCanceled(token);
            });
            await never.Task;
        };
        using var runner = await ConnectAsync(AffineOptions());
        using var call = runner.Rent(Graph);
        Write(call);
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var run = call.RunAsync(cancellation.Token).AsTask();
        await started.Task.WaitAsync(Token);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        await ended.Task.WaitAsync(Token);
        _server.OnRun = _ => Task.CompletedTask;
        await call.RunAsync(Token);
        Assert.Equal([12f, 24], call.Output<float>("y"));
    }

    [Fact]
    public async Task RunAsync_SlowServer_ThrowsTimedOut()
    {
        _server.OnRun = token => Task.Delay(System.Threading.Timeout.Infinite, token);
        using var runner = await ConnectAsync(AffineOptions() with { Timeout = TimeSpan.FromMilliseconds(300) });

        var exception = await FailAsync(runner);

        Assert.Equal(RemoteError.TimedOut, exception.Error);
        Assert.True(exception.IsTransient);
    }

    [Fact]
    public async Task RunAsync_NobodyListens_ThrowsUnreachable()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        using var runner = await ConnectAsync(Options(new Uri($"http://127.0.0.1:{port}"), Graph, TestModels.Signature(TestModels.Affine)));

        var exception = await FailAsync(runner);

        Assert.Equal(RemoteError.Unreachable, exception.Error);
        Assert.True(exception.IsTransient);
        if (Describes)
        {
            Assert.False(await runner.IsReadyAsync(Token));
        }
    }

    [Fact]
    public async Task RunAsync_BrokenReply_ThrowsInvalidReply()
    {
        _server.Fault = context => AnswerAsync(context, 200, IsGrpc ? "application/grpc" : "application/json", IsGrpc ? [0, 0, 0, 0, 3, 0xFF, 0xFF, 0xFF] : "{\"outputs\": [{\"name\": tru"u8.ToArray());
        using var runner = await ConnectAsync(AffineOptions());

        var exception = await FailAsync(runner);
        Assert.Equal(RemoteError.InvalidReply, exception.Error);
        Assert.False(exception.IsTransient);
    }

    [Fact]
    public async Task RunAsync_OtherContentType_ThrowsInvalidReply()
    {
        _server.Fault = context => AnswerAsync(context, 200, "text/html", "<html>Please log in</html>"u8.ToArray());
        using var runner = await ConnectAsync(AffineOptions());

        var exception = await FailAsync(runner);

        Assert.Equal(RemoteError.InvalidReply, exception.Error);
        Assert.Contains("text/html", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_ConnectionDroppedWithinTheReply_ThrowsConnectionLost()
    {
        _server.Fault = async context =>
        {
            context.Response.StatusCode = 200;
            context.Response.ContentType = IsGrpc ? "application/grpc" : "application/json";
            if (!IsGrpc)
            {
                context.Response.ContentLength = 1000;
            }

            await context.Response.Body.WriteAsync(IsGrpc ? new byte[] { 0, 0, 0, 0, 200, 1 } : "{\"outputs\""u8.ToArray());
            await context.Response.Body.FlushAsync();
            context.Abort();
            return true;
        };
        using var runner = await ConnectAsync(AffineOptions());

        var exception = await FailAsync(runner);

        Assert.Equal(RemoteError.ConnectionLost, exception.Error);
        Assert.True(exception.IsTransient);
    }

    [Fact]
    public async Task RunAsync_ConnectionDroppedBeforeTheReply_ThrowsATransientError()
    {
        _server.Fault = context =>
        {
            context.Abort();
            return Task.FromResult(true);
        };
        using var runner = await ConnectAsync(AffineOptions());

        var exception = await FailAsync(runner);

        Assert.Equal(RemoteError.ConnectionLost, exception.Error);
    }

    [Fact]
    public async Task RunAsync_ReplyBeyondTheLimit_ThrowsReplyTooLarge()
    {
        using var runner = await ConnectAsync(AffineOptions() with { MaxReply = 64 });
        using var call = runner.Rent(Graph);
        new float[2000].CopyTo(call.Input<float>("x", [1000, 2]));
        call.Input<float>("offset", [2]).Clear();

        var exception = await Assert.ThrowsAsync<RemoteException>(async () => await call.RunAsync(Token));

        Assert.Equal(RemoteError.ReplyTooLarge, exception.Error);
        Assert.False(exception.IsTransient);
    }

    [Fact]
    public async Task RunAsync_ReplyOfUnknownLengthBeyondTheLimit_ThrowsReplyTooLarge()
    {
        var body = new byte[100_000];
        Array.Fill(body, (byte)' ');
        if (IsGrpc)
        {
            new byte[] { 0, 0, 1, 0x86, 0x9B }.CopyTo(body, 0);
        }

        _server.Fault = context => AnswerAsync(context, 200, IsGrpc ? "application/grpc" : "application/json", body, hasLength: false);
        using var runner = await ConnectAsync(AffineOptions() with { MaxReply = 50_000 });

        Assert.Equal(RemoteError.ReplyTooLarge, (await FailAsync(runner)).Error);
    }

    [Fact]
    public async Task RunAsync_PayloadBeyondTheLimit_ThrowsAndSendsNothing()
    {
        using var runner = await ConnectAsync(AffineOptions() with { MaxPayload = 4000 });
        using var call = runner.Rent(Graph);
        call.Input<float>("offset", [2]).Clear();
        call.Input<float>("x", [2000, 2]).Fill(1.5f);

        var exception = await Assert.ThrowsAsync<RemoteException>(async () => await call.RunAsync(Token));

        Assert.Equal(RemoteError.PayloadTooLarge, exception.Error);
        Assert.False(exception.IsTransient);
        Assert.Empty(_server.Requests);
        call.Input<float>("x", [1, 2]).Fill(1);
        await call.RunAsync(Token);
    }

    [Fact]
    public async Task RunAsync_ReplyWithoutAnOutput_ThrowsInvalidReplyAndNamesIt()
    {
        var signature = TestModels.Signature(TestModels.Affine);
        using var runner = await ConnectAsync(Options(Address, Graph, signature with { Outputs = [.. signature.Outputs, new TensorDescription("more", ElementType.Float32, [])] }));

        var exception = await FailAsync(runner);

        Assert.Equal(RemoteError.InvalidReply, exception.Error);
        Assert.Contains("'more", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_ReplyOfAnotherElementType_ThrowsInvalidReply()
    {
        var signature = TestModels.Signature(TestModels.Affine);
        using var runner = await ConnectAsync(Options(Address, Graph, signature with { Outputs = [new TensorDescription("y", ElementType.String, [new(null), new(2)])] }));

        Assert.Equal(RemoteError.InvalidReply, (await FailAsync(runner)).Error);
    }

    [Fact]
    public async Task Dispose_CallInFlight_LetsItFinish()
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.OnRun = async token =>
        {
            started.TrySetResult();
            await release.Task.WaitAsync(token);
        };
        var runner = await ConnectAsync(AffineOptions());
        using var call = runner.Rent(Graph);
        Write(call);
        var run = call.RunAsync(Token).AsTask();
        await started.Task.WaitAsync(Token);

        runner.Dispose();
        release.SetResult();
        await run;

        Assert.Equal([12f, 24], call.Output<float>("y"));
    }

    [Fact]
    public async Task ConnectAsync_EndpointWithPasswordOrPlainCredential_ThrowsArgumentException()
    {
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await ConnectAsync(AffineOptions() with { Endpoint = new Uri("https://user:word@models.example/") }));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await ConnectAsync(WithSecret(Options(new Uri("http://models.example/"), Graph, TestModels.Signature(TestModels.Affine)), Secret)));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await ConnectAsync(AffineOptions() with { Timeout = TimeSpan.Zero }));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await ConnectAsync(AffineOptions() with { Endpoint = new Uri("ftp://models.example/") }));
    }

    [Fact]
    public async Task RunAsync_ExpiredOrUntrustedCertificate_ThrowsTlsFailed()
    {
        using var authority = new TestAuthority();
        foreach (var (certificate, roots) in new[] { (authority.Issue(expired: true), authority.Roots), (authority.Issue(expired: false), new TestAuthority().Roots) })
        {
            await using var server = await StandInServer.StartAsync(TestModels.All, certificate);
            using var runner = await ConnectAsync(Options(server.Tls!, Graph, TestModels.Signature(TestModels.Affine)) with { TrustedRoots = roots });

            var exception = await FailAsync(runner);

            Assert.Equal(RemoteError.TlsFailed, exception.Error);
            Assert.False(exception.IsTransient);
        }
    }

    [Fact]
    public async Task RunAsync_OwnRootAndClientCertificate_Succeeds()
    {
        using var authority = new TestAuthority();
        await using var server = await StandInServer.StartAsync(TestModels.All, authority.Issue(expired: false), wantsClient: true);
        var options = Options(server.Tls!, Graph, TestModels.Signature(TestModels.Affine)) with { TrustedRoots = authority.Roots };

        using var runner = await ConnectAsync(options with { ClientCertificate = authority.Issue(expired: false) });
        using var without = await ConnectAsync(options);

        Assert.True(await SucceedsAsync(runner));
        Assert.False(await SucceedsAsync(without));
    }

    [Fact]
    public async Task RunAsync_Compressed_GivesTheSameNumbers()
    {
        using var runner = await ConnectAsync(AffineOptions() with { Compress = true });
        using var call = runner.Rent(Graph);
        call.Input<float>("x", [1000, 2]).Fill(1);
        call.Input<float>("offset", [2]).Fill(1);
        _server.Fault = async context =>
        {
            // As a server's middleware does it.
            if (context.Request.Headers.ContentEncoding == "gzip")
            {
                context.Request.Body = new System.IO.Compression.GZipStream(context.Request.Body, System.IO.Compression.CompressionMode.Decompress);
            }

            await Task.CompletedTask;
            return false;
        };

        await call.RunAsync(Token);

        Assert.Equal(2000, call.Output<float>("y").Length);
        Assert.Equal(3, call.Output<float>("y")[1999]);
        var headers = _server.Requests.Last().Headers;
        Assert.Equal("gzip", headers[IsGrpc ? "grpc-encoding" : "Content-Encoding"].ToString());
    }

    private protected Uri Address => IsGrpc ? _server.Grpc : _server.Rest;

    private protected virtual bool IsSigned => false;

    private protected virtual RemoteEndpointOptions WithFailingSecret(RemoteEndpointOptions options) => options with { Credential = _ => throw new InvalidOperationException("no token") };

    private protected RemoteEndpointOptions AffineOptions(bool signature = true) => Options(Address, Graph, signature ? TestModels.Signature(TestModels.Affine) : null);

    private protected static async Task<RemoteException> FailAsync(RemoteModelRunner runner) => await Assert.ThrowsAsync<RemoteException>(() => RunAsync(runner));

    private protected static async Task RunAsync(RemoteModelRunner runner)
    {
        using var call = runner.Rent(Graph);
        Write(call);
        await call.RunAsync(Token);
        Assert.Equal([12f, 24], call.Output<float>("y"));
    }

    private protected static async Task<bool> AnswerAsync(HttpContext context, int status, string type, byte[] body, bool hasLength = true)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.ContentLength = hasLength ? body.Length : null;
        if (type == "application/grpc")
        {
            context.Features.Get<IHttpResponseTrailersFeature>()!.Trailers["grpc-status"] = "0";
            context.Response.ContentLength = null;
        }

        await context.Response.Body.WriteAsync(body);
        return true;
    }

    private static async Task<bool> SucceedsAsync(RemoteModelRunner runner)
    {
        try
        {
            await RunAsync(runner);
            return true;
        }
        catch (RemoteException)
        {
            return false;
        }
    }

    private static bool Unless(bool isRight, HttpContext context, int status)
    {
        if (!isRight)
        {
            context.Response.StatusCode = status;
        }

        return !isRight;
    }

    private static void Write(IModelCall call)
    {
        ((float[])[1, 2]).CopyTo(call.Input<float>("x", [1, 2]));
        ((float[])[10, 20]).CopyTo(call.Input<float>("offset", [2]));
    }
}
