using System.Text.Json;
using Coffer.Inference;
using Coffer.Remote;
using Coffer.Remote.Tests;

namespace Coffer.Server.Tests;

/// <summary>Loading, licenses, unloading and stopping.</summary>
public sealed class ModelServerTests
{
    private const string Waiting = """{"inputs": [{"name": "x", "shape": [2], "datatype": "FP32", "data": [1, 2]}]}""";

    private static string Pixels { get; } = $$"""{"inputs": [{"name": "pixel_values", "shape": [1, 3, 32, 32], "datatype": "FP32", "data": [{{string.Join(',', Enumerable.Repeat("0.5", 3 * 32 * 32))}}]}]}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task LoadAsync_LicensedBundle_ServesItUnderItsNameAndVersion()
    {
        using var vendor = new TestVendor();
        await using var server = await TestServer.StartAsync();
        var bundle = await vendor.PackAsync();
        Assert.Equal(503, (await server.GetAsync("/v2/health/ready")).Status);
        Assert.False(server.Server.IsReady);

        await server.Server.LoadAsync([new BundleSource(bundle, vendor.Options(vendor.Issue(bundle)))], Token);

        Assert.Equal(200, (await server.GetAsync("/v2/health/ready")).Status);
        var (status, body) = await server.PostAsync("/v2/models/digits/versions/1.2.0/infer", Pixels);
        Assert.Equal(200, status);
        using var local = TestModels.Digits.Rent("model");
        local.Input<float>("pixel_values", [1, 3, 32, 32]).Fill(0.5f);
        local.Run(Token);
        var logits = JsonDocument.Parse(body).RootElement.GetProperty("outputs")[0].GetProperty("data").EnumerateArray().Select(value => value.GetSingle());
        Assert.Equal(local.Output<float>("logits").ToArray(), logits);
    }

    [Fact]
    public async Task LoadAsync_WithBatching_AnswersConcurrentRequestsWithTheSameNumbers()
    {
        using var vendor = new TestVendor();
        await using var server = await TestServer.StartAsync();
        var bundle = await vendor.PackAsync();
        var options = vendor.Options(vendor.Issue(bundle)) with { Batching = new BatchingOptions { MaxBatch = 8 } };
        await server.Server.LoadAsync([new BundleSource(bundle, options)], Token);
        var (_, alone) = await server.PostAsync("/v2/models/digits/infer", Pixels);

        var replies = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => server.PostAsync("/v2/models/digits/infer", Pixels)));

        var expected = Logits(alone);
        Assert.All(replies, reply =>
        {
            Assert.Equal(200, reply.Status);
            // Sums of a batch may be added up in another order.
            Assert.All(expected.Zip(Logits(reply.Body)), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
        });
    }

    [Fact]
    public async Task LoadAsync_BundleThatIsRefused_ThrowsAndIsNotReady()
    {
        using var vendor = new TestVendor();
        using var other = new TestVendor("other");
        await using var server = await TestServer.StartAsync();
        var bundle = await vendor.PackAsync();

        await Assert.ThrowsAnyAsync<CofferException>(() => server.Server.LoadAsync([new BundleSource(bundle, vendor.Options(vendor.Issue(bundle)) with { Trust = other.Trust })], Token));

        Assert.False(server.Server.IsReady);
        var (status, body) = await server.PostAsync("/v2/models/digits/infer", Pixels);
        Assert.Equal(503, status);
        Assert.Contains("failed", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Infer_QuotaUsedUp_Is429WithTheReason()
    {
        using var vendor = new TestVendor();
        await using var server = await TestServer.StartAsync();
        var bundle = await vendor.PackAsync();
        await server.Server.LoadAsync([new BundleSource(bundle, vendor.Options(vendor.Issue(bundle, request => request with { Calls = 2 })))], Token);

        Assert.Equal(200, (await server.PostAsync("/v2/models/digits/infer", Pixels)).Status);
        Assert.Equal(200, (await server.PostAsync("/v2/models/digits/infer", Pixels)).Status);
        var (status, body) = await server.PostAsync("/v2/models/digits/infer", Pixels);

        Assert.Equal(429, status);
        Assert.Equal("QuotaExceeded", JsonDocument.Parse(body).RootElement.GetProperty("reason").GetString());
        using var runner = await ConnectAsync(server, "digits");
        using var call = runner.Rent("digits");
        call.Input<float>("pixel_values", [1, 3, 32, 32]).Clear();
        Assert.Equal(RemoteError.Throttled, (await Assert.ThrowsAsync<RemoteException>(async () => await call.RunAsync(Token))).Error);
    }

    [Fact]
    public async Task Infer_LicenseOver_Is403WithTheReason()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(TimeProvider.System.GetUtcNow());
        using var vendor = new TestVendor(clock: clock);
        await using var server = await TestServer.StartAsync();
        var bundle = await vendor.PackAsync();
        var license = vendor.Issue(bundle, request => request with { Expires = clock.GetUtcNow().AddHours(1) });
        await server.Server.LoadAsync([new BundleSource(bundle, vendor.Options(license))], Token);
        Assert.Equal(200, (await server.PostAsync("/v2/models/digits/infer", Pixels)).Status);

        clock.Advance(TimeSpan.FromHours(2));
        var (status, body) = await server.PostAsync("/v2/models/digits/infer", Pixels);

        Assert.Equal(403, status);
        Assert.Equal("Expired", JsonDocument.Parse(body).RootElement.GetProperty("reason").GetString());
        Assert.DoesNotContain("hospital-7", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unload_CallUnderWay_EndsWithItsResultAndNewOnesAre503()
    {
        using var owner = new Owner();
        await using var server = await TestServer.StartAsync();
        var (started, go) = await server.AddWaitingAsync(owner);
        var running = server.PostAsync("/v2/models/waiting/infer", Waiting);
        await started.WaitAsync(Token);

        var unloading = server.Server.UnloadAsync("waiting", Token);
        var refused = await server.PostAsync("/v2/models/waiting/infer", Waiting);

        Assert.Equal(503, refused.Status);
        Assert.False(unloading.IsCompleted);
        Assert.False(owner.IsDisposed);
        go.SetResult();
        Assert.Equal(200, (await running).Status);
        await unloading;
        Assert.True(owner.IsDisposed);
    }

    [Fact]
    public async Task Repository_UnloadAndLoad_AnswersAgain()
    {
        using var vendor = new TestVendor();
        await using var server = await TestServer.StartAsync(TestServer.Options with { AllowModelControl = true });
        var bundle = await vendor.PackAsync();
        await server.Server.LoadAsync([new BundleSource(bundle, vendor.Options(vendor.Issue(bundle)))], Token);

        Assert.Equal(200, (await server.PostAsync("/v2/repository/models/digits/unload", "{}")).Status);
        Assert.Equal((200, """[{"name":"digits","version":"1.2.0","state":"UNAVAILABLE","reason":"unloaded"}]"""), await server.PostAsync("/v2/repository/index", "{}"));
        Assert.Equal(503, (await server.GetAsync("/v2/models/digits/ready")).Status);
        Assert.Equal(503, (await server.PostAsync("/v2/models/digits/infer", Pixels)).Status);
        Assert.Equal(200, (await server.PostAsync("/v2/repository/models/digits/load", "{}")).Status);

        Assert.Equal(200, (await server.PostAsync("/v2/models/digits/infer", Pixels)).Status);
        Assert.Equal(404, (await server.PostAsync("/v2/repository/models/nothing/load", "{}")).Status);
    }

    [Fact]
    public async Task Repository_NotAllowed_Is403()
    {
        await using var server = await TestServer.WithModelsAsync();

        var (status, _) = await server.PostAsync("/v2/repository/models/affine/unload", "{}");

        Assert.Equal(403, status);
        Assert.Equal(200, (await server.GetAsync("/v2/models/affine/ready")).Status);
    }

    [Fact]
    public async Task StopAsync_CallUnderWay_EndsWithItsResult()
    {
        using var owner = new Owner();
        await using var server = await TestServer.StartAsync();
        var (started, go) = await server.AddWaitingAsync(owner);
        var running = server.PostAsync("/v2/models/waiting/infer", Waiting);
        await started.WaitAsync(Token);

        var stopping = server.Server.StopAsync();
        Assert.False(server.Server.IsReady);
        Assert.False(stopping.IsCompleted);
        go.SetResult();

        Assert.Equal(200, (await running).Status);
        await stopping;
        Assert.True(owner.IsDisposed);
        await Assert.ThrowsAsync<HttpRequestException>(() => server.GetAsync("/v2/health/live"));
    }

    [Fact]
    public async Task StopAsync_DuringTheDelay_AnswersButIsNotReady()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        await using var server = await TestServer.WithModelsAsync(TestServer.Options with { Clock = clock, DrainDelay = TimeSpan.FromSeconds(10) });

        var stopping = server.Server.StopAsync();

        Assert.Equal(503, (await server.GetAsync("/v2/health/ready")).Status);
        Assert.Equal(200, (await server.GetAsync("/v2/health/live")).Status);
        Assert.Equal(200, (await server.GetAsync("/v2/models/affine")).Status);
        clock.Advance(TimeSpan.FromSeconds(10));
        await stopping;
    }

    [Fact]
    public async Task Infer_MoreCallsThanTheServerTakes_Is503WithRetryAfter()
    {
        await using var server = await TestServer.StartAsync(TestServer.Options with { MaxCalls = 1 });
        var (started, go) = await server.AddWaitingAsync();
        var running = server.PostAsync("/v2/models/waiting/infer", Waiting);
        await started.WaitAsync(Token);

        using var reply = await server.Client.PostAsync("/v2/models/waiting/infer", new StringContent(Waiting), Token);

        Assert.Equal(503, (int)reply.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), reply.Headers.RetryAfter?.Delta);
        go.SetResult();
        Assert.Equal(200, (await running).Status);
    }

    [Fact]
    public async Task Infer_RefusedCall_ChargesNothingAndNamesTheReason()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddAsync(TestModels.Affine, refuses: true);

        var (status, body) = await server.PostAsync("/v1/models/affine:predict", """{"inputs": {"x": [[1, 2]], "offset": [1, 2]}}""");

        Assert.Equal(429, status);
        Assert.Contains("QuotaExceeded", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_AfterRequests_CountThemByModelProtocolAndOutcome()
    {
        await using var server = await TestServer.WithModelsAsync();
        await server.PostAsync("/v1/models/affine:predict", """{"inputs": {"x": [[1, 2]], "offset": [1, 2]}}""");
        await server.PostAsync("/v2/models/affine/infer", "{");
        await server.PostAsync("/v2/models/made-up-by-a-caller/infer", "{}");
        using (var runner = await ConnectAsync(server, "affine"))
        using (var call = runner.Rent("affine"))
        {
            call.Input<float>("x", [1, 2]).Clear();
            call.Input<float>("offset", [2]).Clear();
            await call.RunAsync(Token);
        }

        var (status, text) = await server.GetAsync("/metrics");

        Assert.Equal(200, status);
        Assert.Contains("coffer_server_model_ready{model=\"affine\",version=\"1.2.0\",sequence=\"7\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("coffer_server_request_duration_seconds_count{coffer_model=\"affine\",coffer_protocol=\"tensorflow_rest\",coffer_outcome=\"Ok\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("coffer_server_request_duration_seconds_count{coffer_model=\"affine\",coffer_protocol=\"oip_rest\",coffer_outcome=\"InvalidRequest\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("coffer_server_request_duration_seconds_count{coffer_model=\"affine\",coffer_protocol=\"oip_grpc\",coffer_outcome=\"Ok\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("coffer_server_request_duration_seconds_bucket{coffer_model=\"affine\",coffer_protocol=\"oip_grpc\",coffer_outcome=\"Ok\",le=\"+Inf\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("coffer_server_calls 0\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE coffer_predict_duration_seconds histogram\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("made-up", text, StringComparison.Ordinal);
    }

    private static async Task<RemoteModelRunner> ConnectAsync(TestServer server, string model) => await OpenInferenceModelRunner.ConnectAsync(
        new OpenInferenceEndpointOptions
        {
            Endpoint = server.Grpc,
            Models = [new OpenInferenceModel(model) { Graph = model }],
            Credential = _ => ValueTask.FromResult(RemoteCredential.Bearer(TestServer.Token)),
        },
        Token);

    private static float[] Logits(string body) => [.. JsonDocument.Parse(body).RootElement.GetProperty("outputs")[0].GetProperty("data").EnumerateArray().Select(value => value.GetSingle())];

    private sealed class Owner : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
