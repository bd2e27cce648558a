using System.Threading.Channels;
using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Remote.Tests.StandIn;
using Coffer.Vision;
using Microsoft.Extensions.Time.Testing;
using Hybrid = Coffer.Inference.HybridPredictor<Coffer.Vision.ImageInput, Coffer.Vision.ImageClassifierOptions, Coffer.Vision.ImageClassification>;

namespace Coffer.Remote.Tests;

/// <summary>
/// The sample model on this device and on a server, over a network that fails: every call ends in a result or in one clear error, the license
/// counts each once, and no connection stays behind.
/// </summary>
[Collection(nameof(Alone))]
public sealed class NetworkFaultTests : IDisposable
{
    // The breaker has tests of its own; here it would keep calls away from the faults.
    private static readonly HybridOptions Cloudy = new() { Mode = InferenceMode.PreferInCloud, RetryDelay = TimeSpan.Zero, BreakerThroughput = 1_000_000 };

    private readonly TestVendor _vendor = new();
    private readonly ImageInput _seven = ImageInput.FromBytes(File.ReadAllBytes(Path.Combine(TestVendor.Digits, "pictures", "seven.png")));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<OpenInferenceTransport> Transports => [OpenInferenceTransport.Rest, OpenInferenceTransport.Grpc];

    public void Dispose() => _vendor.Dispose();

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task PredictAsync_ThirtyPercentOfWhatIsSentIsLost_EveryCallIsAnsweredAndCountedOnce(OpenInferenceTransport transport)
    {
        const int Calls = 400;
        var seed = Random.Shared.Next();
        TestContext.Current.SendDiagnosticMessage("seed {0}", seed);
        var random = new Random(seed);
        using var model = await OpenAsync(Calls);
        await using var server = await StandInServer.StartAsync(TestModels.All);
        await using var proxy = new FaultProxy(Address(server, transport))
        {
            Draw = () =>
            {
                lock (random)
                {
                    return random.NextDouble() < 0.3 ? (ProxyFault)random.Next(1, 4) : ProxyFault.None;
                }
            },
        };
        var results = new Prediction<ImageClassification>[Calls];
        using (var runner = await ConnectAsync(proxy.Address, transport))
        using (var device = model.CreateImageClassifier())
        using (var cloud = model.CreateImageClassifier(runner))
        using (var hybrid = new Hybrid(device, cloud, Cloudy))
        {
            await Parallel.ForAsync(0, Calls, Parallelism, async (i, token) => results[i] = await hybrid.PredictAsync(_seven, cancellationToken: token));
            await AssertUsedUpAsync(hybrid);
        }

        Assert.All(results, result => Assert.Equal("seven", result.Value.Top.Label));
        Assert.All(results.Where(result => result.Target == ExecutionTarget.Local), result => Assert.Equal(LegOutcome.Unreachable, result.Legs[0].Outcome));
        Assert.Contains(results, result => result.Target == ExecutionTarget.Remote);
        Assert.Contains(results, result => result.Target == ExecutionTarget.Local);
        Assert.Contains(results, result => result.Target == ExecutionTarget.Remote && result.Legs[0].Attempts > 1);
        Assert.True(proxy.Faults > Calls * 0.3, $"{proxy.Faults} faults in {Calls} calls");
        AssertClosed(proxy);
    }

    // What waits in the network for two seconds by the clock of the options, which no test waits for.
    [Theory]
    [MemberData(nameof(Transports))]
    public async Task PredictAsync_NetworkDelaysByTwoSeconds_TimesOutAndRunsOnTheDevice(OpenInferenceTransport transport)
    {
        var clock = new FakeTimeProvider();
        using var model = await OpenAsync(1);
        await using var server = await StandInServer.StartAsync(TestModels.All);
        await using var proxy = new FaultProxy(Address(server, transport)) { Draw = () => ProxyFault.Hold };
        using var runner = await ConnectAsync(proxy.Address, transport);
        using var device = model.CreateImageClassifier();
        using var cloud = model.CreateImageClassifier(runner);
        using var hybrid = new Hybrid(device, cloud, Cloudy with { Clock = clock, AttemptTimeout = TimeSpan.FromSeconds(1), Retries = 0 });

        var call = hybrid.PredictAsync(_seven, cancellationToken: Token);
        await proxy.Held.Task.WaitAsync(Token);
        clock.Advance(TimeSpan.FromSeconds(2));
        var prediction = await call;

        Assert.Equal(("seven", ExecutionTarget.Local, LegOutcome.TimedOut), (prediction.Value.Top.Label, prediction.Target, prediction.Legs[0].Outcome));
        proxy.Release.SetResult();
        await AssertUsedUpAsync(hybrid);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task PredictAsync_UnknownName_IsUnreachableAndRunsOnTheDevice(OpenInferenceTransport transport)
    {
        var exception = await FailsOverAsync(new Uri("http://models.coffer.invalid:9000"), transport, null, attempts: 3);

        Assert.Equal(RemoteError.Unreachable, exception.Error);
        Assert.Contains("models.coffer.invalid", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task PredictAsync_ExpiredCertificate_IsToldAndRunsOnTheDevice(OpenInferenceTransport transport)
    {
        using var authority = new TestAuthority();
        await using var server = await StandInServer.StartAsync(TestModels.All, authority.Issue(expired: true));

        // A second request would be refused for the same reason.
        var exception = await FailsOverAsync(server.Tls!, transport, authority, attempts: 1);

        Assert.Equal(RemoteError.TlsFailed, exception.Error);
        Assert.Contains("certificate", exception.Message, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task PredictAsync_TenThousandCallsThroughAServerThatRestarts_EachEndsOnceAndIsCountedOnce()
    {
        const int Calls = 10_000;
        const int ServedBetweenRestarts = 400;
        using var model = await OpenAsync(Calls);
        var socketsBefore = Sockets();
        var wanted = Channel.CreateUnbounded<bool>();
        var served = 0;
        var restarts = 0;
        int cloudy = 0, local = 0, failed = 0;
        await using (var rest = new FaultProxy(null))
        await using (var grpc = new FaultProxy(null))
        {
            async Task<StandInServer> StartAsync()
            {
                var started = await StandInServer.StartAsync(TestModels.All);
                started.OnRun = _ =>
                {
                    if (Interlocked.Increment(ref served) % ServedBetweenRestarts == 0)
                    {
                        wanted.Writer.TryWrite(true);
                    }

                    return Task.CompletedTask;
                };
                (rest.Target, grpc.Target) = (started.Rest, started.Grpc);
                return started;
            }

            var server = await StartAsync();
            var restarting = Task.Run(async () =>
            {
                await foreach (var _ in wanted.Reader.ReadAllAsync(Token))
                {
                    // Killed with calls in it, and away until the next one has started.
                    (rest.Target, grpc.Target) = (null, null);
                    await server.DisposeAsync();
                    server = await StartAsync();
                    restarts++;
                }
            }, Token);
            using (var restRunner = await ConnectAsync(rest.Address, OpenInferenceTransport.Rest))
            using (var grpcRunner = await ConnectAsync(grpc.Address, OpenInferenceTransport.Grpc))
            using (var device = model.CreateImageClassifier())
            using (var overRest = model.CreateImageClassifier(restRunner))
            using (var overGrpc = model.CreateImageClassifier(grpcRunner))
            using (var restHybrid = new Hybrid(device, overRest, Cloudy))
            using (var grpcHybrid = new Hybrid(device, overGrpc, Cloudy))
            {
                // Of ten calls, four each by a hybrid over each protocol, and one over each without one: that has nowhere to go.
                IPredictor<ImageInput, ImageClassifierOptions, ImageClassification>[] predictors = [restHybrid, grpcHybrid, restHybrid, grpcHybrid, overRest, restHybrid, grpcHybrid, restHybrid, grpcHybrid, overGrpc];
                await Parallel.ForAsync(0, Calls, Parallelism, async (i, token) =>
                {
                    var predictor = predictors[i % predictors.Length];
                    try
                    {
                        var prediction = await predictor.PredictAsync(_seven, cancellationToken: token);
                        Assert.Equal("seven", prediction.Value.Top.Label);
                        Interlocked.Increment(ref (prediction.Target == ExecutionTarget.Remote ? ref cloudy : ref local));
                    }
                    catch (RemoteException e) when (predictor is ImageClassifier && e.IsTransient)
                    {
                        Interlocked.Increment(ref failed);
                    }
                });
                await AssertUsedUpAsync(restHybrid);
            }

            wanted.Writer.Complete();
            await restarting;
            AssertClosed(rest);
            AssertClosed(grpc);
            await server.DisposeAsync();
        }

        TestContext.Current.SendDiagnosticMessage("{0} restarts; {1} in the cloud, {2} on the device, {3} failed", restarts, cloudy, local, failed);
        Assert.Equal(Calls, cloudy + local + failed);
        Assert.InRange(failed, 0, Calls / 5);
        Assert.True(restarts >= 10, $"{restarts} restarts");
        Assert.True(cloudy >= ServedBetweenRestarts * 10, $"{cloudy} in the cloud");
        Assert.True(SpinWait.SpinUntil(() => Sockets() <= socketsBefore, TimeSpan.FromSeconds(30)), $"{Sockets()} sockets, {socketsBefore} before");
    }

    private static ParallelOptions Parallelism => new() { MaxDegreeOfParallelism = 8, CancellationToken = Token };

    private async Task<RemoteException> FailsOverAsync(Uri address, OpenInferenceTransport transport, TestAuthority? authority, int attempts)
    {
        using var model = await OpenAsync(2);
        using var runner = await ConnectAsync(address, transport, authority);
        using var device = model.CreateImageClassifier();
        using var cloud = model.CreateImageClassifier(runner);
        using var hybrid = new Hybrid(device, cloud, Cloudy);

        var prediction = await hybrid.PredictAsync(_seven, cancellationToken: Token);
        Assert.Equal(("seven", ExecutionTarget.Local, LegOutcome.Unreachable, attempts), (prediction.Value.Top.Label, prediction.Target, prediction.Legs[0].Outcome, prediction.Legs[0].Attempts));

        var exception = await Assert.ThrowsAsync<RemoteException>(() => cloud.PredictAsync(_seven, cancellationToken: Token));
        await AssertUsedUpAsync(hybrid);
        return exception;
    }

    private async Task AssertUsedUpAsync(Hybrid hybrid) =>
        Assert.Equal(LicenseError.QuotaExceeded, (await Assert.ThrowsAsync<LicenseException>(() => hybrid.PredictAsync(_seven, cancellationToken: Token))).Error);

    private static void AssertClosed(FaultProxy proxy) =>
        Assert.True(SpinWait.SpinUntil(() => proxy.Open == 0, TimeSpan.FromSeconds(30)), $"{proxy.Open} connections are open");

    private static int Sockets() => Directory.Exists("/proc/self/fd")
        ? Directory.EnumerateFileSystemEntries("/proc/self/fd").Count(entry => new FileInfo(entry).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true)
        : 0;

    private static Uri Address(StandInServer server, OpenInferenceTransport transport) => transport == OpenInferenceTransport.Grpc ? server.Grpc : server.Rest;

    private static ValueTask<OpenInferenceModelRunner> ConnectAsync(Uri endpoint, OpenInferenceTransport transport, TestAuthority? authority = null) => OpenInferenceModelRunner.ConnectAsync(
        new OpenInferenceEndpointOptions
        {
            Endpoint = endpoint,
            Transport = transport,
            Models = [new OpenInferenceModel("digits") { Signature = TestModels.Signature(TestModels.All["digits"]) }],
            TrustedRoots = authority?.Roots,
        }, Token);

    private Task<ProtectedModel> OpenAsync(long calls) => _vendor.OpenAsync(edit: request => request with
    {
        Targets = [ExecutionTarget.Local, ExecutionTarget.Remote],
        Remote = new RemoteTerms(["*"], []),
        Calls = calls,
    });
}
