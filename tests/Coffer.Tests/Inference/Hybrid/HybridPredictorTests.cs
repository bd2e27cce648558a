using Coffer.Bundles;
using Coffer.Inference;
using Microsoft.Extensions.Time.Testing;
using Hybrid = Coffer.Inference.HybridPredictor<string, object, string>;
using Leg = Coffer.Inference.HybridLeg<Coffer.Inference.IPredictor<string, object, string>>;

namespace Coffer.Tests.Inference;

public sealed class HybridPredictorTests
{
    private static readonly Uri Endpoint = new("https://models.example/v2");

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private HybridOptions Options => new() { Clock = _clock, RetryDelay = TimeSpan.Zero };

    [Theory]
    [InlineData(InferenceMode.PreferOnDevice, "device")]
    [InlineData(InferenceMode.OnlyOnDevice, "device")]
    [InlineData(InferenceMode.PreferInCloud, "cloud")]
    [InlineData(InferenceMode.OnlyInCloud, "cloud")]
    public async Task PredictAsync_BothSidesWork_RunsWhereTheModeSays(InferenceMode mode, string expected)
    {
        using var device = new ScriptedPredictor(ExecutionTarget.Local, "device");
        using var cloud = new ScriptedPredictor(ExecutionTarget.Remote, "cloud");
        using var hybrid = new Hybrid(device, cloud, Options with { Mode = mode });

        var prediction = await hybrid.PredictAsync("x", cancellationToken: Token);

        Assert.Equal(expected, prediction.Value);
        Assert.Equal(1, device.Calls + cloud.Calls);
        Assert.Null(prediction.Fallback);
        var leg = Assert.Single(prediction.Legs);
        Assert.Equal((prediction.Target, LegOutcome.Answered, 1), (leg.Target, leg.Outcome, leg.Attempts));
    }

    [Fact]
    public async Task PredictAsync_DeviceOutOfMemory_MovesToTheEndpointAndSaysSo()
    {
        using var device = new ScriptedPredictor(ExecutionTarget.Local, new InferenceException(InferenceError.OutOfMemory, "No memory left."));
        using var cloud = new ScriptedPredictor(ExecutionTarget.Remote, (_, _) =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(40));
            return Task.FromResult("cloud");
        });
        using var hybrid = new Hybrid(device, cloud, Options);

        var prediction = await hybrid.PredictAsync("x", cancellationToken: Token);

        Assert.Equal(("cloud", ExecutionTarget.Remote), (prediction.Value, prediction.Target));
        Assert.Equal(new Fallback("device", "OutOfMemory: No memory left."), prediction.Fallback);
        Assert.Equal(
            [
                new PredictionLeg(ExecutionTarget.Local, "device", LegOutcome.OutOfMemory, 1, TimeSpan.Zero, "No memory left."),
                new PredictionLeg(ExecutionTarget.Remote, "endpoint", LegOutcome.Answered, 1, TimeSpan.FromMilliseconds(40), null),
            ],
            prediction.Legs);
        Assert.Equal(TimeSpan.FromMilliseconds(40), prediction.Duration);
    }

    [Fact]
    public async Task PredictAsync_EndpointFailsOnce_RetriesThere()
    {
        using var device = new ScriptedPredictor(ExecutionTarget.Local, "device");
        using var cloud = new ScriptedPredictor(ExecutionTarget.Remote, (call, _) => call < 3 ? throw Unreachable() : Task.FromResult("cloud"));
        using var hybrid = new Hybrid(device, cloud, Options with { Mode = InferenceMode.PreferInCloud });

        var prediction = await hybrid.PredictAsync("x", cancellationToken: Token);

        Assert.Equal("cloud", prediction.Value);
        Assert.Equal(3, Assert.Single(prediction.Legs).Attempts);
        Assert.Equal(0, device.Calls);
    }

    [Fact]
    public async Task PredictAsync_EndpointStaysAway_MovesToTheDevice()
    {
        using var device = new ScriptedPredictor(ExecutionTarget.Local, "device");
        using var cloud = new ScriptedPredictor(ExecutionTarget.Remote, Unreachable());
        using var hybrid = new Hybrid(device, cloud, Options with { Mode = InferenceMode.PreferInCloud });

        var prediction = await hybrid.PredictAsync("x", cancellationToken: Token);

        Assert.Equal(("device", "endpoint"), (prediction.Value, prediction.Fallback?.From));
        Assert.Equal([(LegOutcome.Unreachable, 3), (LegOutcome.Answered, 1)], prediction.Legs.Select(leg => (leg.Outcome, leg.Attempts)));
    }

    [Fact]
    public async Task PredictAsync_RefusalBadInputOrFailingModel_NeverMoves()
    {
        Exception[] failures =
        [
            new LicenseException(LicenseError.QuotaExceeded, "m"),
            new BundleException(BundleError.UntrustedSigner, BundleSection.Signature, "m"),
            new InputException(InputError.Empty, "m"),
            new InferenceException(InferenceError.RunFailed, "m"),
            new RemoteException(RemoteError.Unauthenticated, Endpoint, "m"),
            new RemoteException(RemoteError.ModelFailed, Endpoint, "m"),
            new ArgumentException("m"),
        ];
        foreach (var failure in failures)
        {
            using var failing = new ScriptedPredictor(ExecutionTarget.Local, failure);
            using var other = new ScriptedPredictor(ExecutionTarget.Remote, "other");
            using var onDevice = new Hybrid(failing, other, Options);
            using var inCloud = new Hybrid(other, failing, Options with { Mode = InferenceMode.PreferInCloud });

            Assert.Same(failure, await Record.ExceptionAsync(() => onDevice.PredictAsync("x", cancellationToken: Token)));
            Assert.Same(failure, await Record.ExceptionAsync(() => inCloud.PredictAsync("x", cancellationToken: Token)));
            Assert.Equal((2, 0), (failing.Calls, other.Calls));
        }
    }

    [Fact]
    public async Task PredictAsync_RefusedAfterItMoved_ThrowsTheRefusal()
    {
        using var device = new ScriptedPredictor(ExecutionTarget.Local, new InferenceException(InferenceError.ProviderUnavailable, "m"));
        var refusal = new LicenseException(LicenseError.TargetNotLicensed, "m");
        using var cloud = new ScriptedPredictor(ExecutionTarget.Remote, refusal);
        using var hybrid = new Hybrid(device, cloud, Options);

        Assert.Same(refusal, await Record.ExceptionAsync(() => hybrid.PredictAsync("x", cancellationToken: Token)));
    }

    [Fact]
    public async Task PredictAsync_BothSidesFail_ThrowsOneClearError()
    {
        using var device = new ScriptedPredictor(ExecutionTarget.Local, new InferenceException(InferenceError.ProviderUnavailable, "No GPU."));
        using var cloud = new ScriptedPredictor(ExecutionTarget.Remote, new RemoteException(RemoteError.Unreachable, Endpoint, "No way."));
        using var hybrid = new Hybrid(device, cloud, Options with { Retries = 0 });

        var error = await Assert.ThrowsAsync<HybridException>(() => hybrid.PredictAsync("x", cancellationToken: Token));

        Assert.Equal(HybridError.BothFailed, error.Error);
        Assert.Contains("No GPU.", error.Message, StringComparison.Ordinal);
        Assert.Contains("No way.", error.Message, StringComparison.Ordinal);
        Assert.Equal([LegOutcome.DeviceUnavailable, LegOutcome.Unreachable], error.Legs.Select(leg => leg.Outcome));
        Assert.IsType<RemoteException>(error.InnerException);
    }

    [Fact]
    public async Task PredictAsync_CallerCancels_NeverMoves()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var device = new ScriptedPredictor(ExecutionTarget.Local, async (_, token) =>
        {
            await cancel.CancelAsync();
            await Task.Delay(Timeout.Infinite, token);
            return "";
        });
        using var cloud = new ScriptedPredictor(ExecutionTarget.Remote, "cloud");
        using var hybrid = new Hybrid(device, cloud, Options with { DeviceTimeout = TimeSpan.FromSeconds(1) });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hybrid.PredictAsync("x", cancellationToken: cancel.Token));

        Assert.Equal(0, cloud.Calls);
    }

    // The device's predictor does not even heed its cancellation: it is left behind.
    [Fact]
    public async Task PredictAsync_DeviceTooSlow_MovesAtItsDeadline()
    {
        var stuck = new TaskCompletionSource<string>();
        using var device = new ScriptedPredictor(ExecutionTarget.Local, (_, _) => stuck.Task);
        using var cloud = new ScriptedPredictor(ExecutionTarget.Remote, "cloud");
        using var hybrid = new Hybrid(device, cloud, Options with { DeviceTimeout = TimeSpan.FromSeconds(2) });

        var prediction = await ElapseAsync(hybrid.PredictAsync("x", cancellationToken: Token));

        Assert.Equal("cloud", prediction.Value);
        Assert.Equal(LegOutcome.DeadlinePassed, prediction.Legs[0].Outcome);
        Assert.True(prediction.Legs[0].Duration >= TimeSpan.FromSeconds(2));
        stuck.SetException(new InvalidOperationException());
    }

    [Fact]
    public async Task PredictAsync_DeviceAloneTooSlow_SaysSo()
    {
        using var device = Never(ExecutionTarget.Local);
        using var hybrid = new Hybrid(device, null, Options with { DeviceTimeout = TimeSpan.FromSeconds(2) });

        var error = await Assert.ThrowsAsync<HybridException>(() => ElapseAsync(hybrid.PredictAsync("x", cancellationToken: Token)));

        Assert.Equal(HybridError.DeviceTimedOut, error.Error);
    }

    [Fact]
    public async Task PredictAsync_EndpointAloneTooSlow_SaysSoAfterItsAttempts()
    {
        using var cloud = Never(ExecutionTarget.Remote);
        using var hybrid = new Hybrid(null, cloud, Options with { Mode = InferenceMode.OnlyInCloud, AttemptTimeout = TimeSpan.FromSeconds(1), TotalTimeout = TimeSpan.FromMinutes(1) });

        var error = await Assert.ThrowsAsync<HybridException>(() => ElapseAsync(hybrid.PredictAsync("x", cancellationToken: Token)));

        Assert.Equal((HybridError.EndpointTimedOut, 3), (error.Error, cloud.Calls));
    }

    [Fact]
    public async Task PredictAsync_EndpointSaysWhen_RetriesThenAndNotBefore()
    {
        List<DateTimeOffset> times = [];
        using var cloud = new ScriptedPredictor(ExecutionTarget.Remote, (call, _) =>
        {
            times.Add(_clock.GetUtcNow());
            return call == 1 ? throw new RemoteException(RemoteError.Throttled, Endpoint, "m") { RetryAfter = TimeSpan.FromSeconds(3) } : Task.FromResult("cloud");
        });
        using var hybrid = new Hybrid(null, cloud, Options with { Mode = InferenceMode.OnlyInCloud });

        Assert.Equal("cloud", (await ElapseAsync(hybrid.PredictAsync("x", cancellationToken: Token))).Value);

        Assert.True(times[1] - times[0] >= TimeSpan.FromSeconds(3), $"{times[1] - times[0]}");
    }

    [Fact]
    public async Task PredictAsync_EndpointWantsALongWait_MovesAtOnce()
    {
        using var device = new ScriptedPredictor(ExecutionTarget.Local, "device");
        using var cloud = new ScriptedPredictor(ExecutionTarget.Remote, new RemoteException(RemoteError.Throttled, Endpoint, "m") { RetryAfter = TimeSpan.FromMinutes(3) });
        using var hybrid = new Hybrid(device, cloud, Options with { Mode = InferenceMode.PreferInCloud });

        Assert.Equal("device", (await hybrid.PredictAsync("x", cancellationToken: Token)).Value);
        Assert.Equal(1, cloud.Calls);
    }

    // A device that loses its network keeps working, soon without asking; when the network returns, so does the endpoint, without a restart.
    [Fact]
    public async Task PredictAsync_NetworkGoesAndReturns_LeavesTheEndpointAloneAndTakesItBack()
    {
        var isAway = true;
        using var device = new ScriptedPredictor(ExecutionTarget.Local, "device");
        using var cloud = new ScriptedPredictor(ExecutionTarget.Remote, (_, _) => isAway ? throw Unreachable() : Task.FromResult("cloud"));
        using var hybrid = new Hybrid(device, cloud, Options with { Mode = InferenceMode.PreferInCloud });

        for (var call = 0; call < 10; call++)
        {
            Assert.Equal("device", (await hybrid.PredictAsync("x", cancellationToken: Token)).Value);
        }

        Assert.Equal(5, cloud.Calls);
        Assert.True(hybrid.Endpoints[0].IsCircuitOpen);
        var offline = await hybrid.PredictAsync("x", cancellationToken: Token);
        Assert.Equal((LegOutcome.CircuitOpen, 0), (offline.Legs[0].Outcome, offline.Legs[0].Attempts));
        Assert.StartsWith("CircuitOpen", offline.Fallback?.Reason, StringComparison.Ordinal);

        _clock.Advance(TimeSpan.FromSeconds(16));
        Assert.Equal("device", (await hybrid.PredictAsync("x", cancellationToken: Token)).Value);
        Assert.Equal(6, cloud.Calls);

        isAway = false;
        _clock.Advance(TimeSpan.FromSeconds(16));
        Assert.Equal("cloud", (await hybrid.PredictAsync("x", cancellationToken: Token)).Value);
        Assert.Equal("cloud", (await hybrid.PredictAsync("x", cancellationToken: Token)).Value);
        Assert.False(hybrid.Endpoints[0].IsCircuitOpen);
    }

    [Fact]
    public async Task PredictAsync_CircuitOpenAndNoOtherSide_SaysSo()
    {
        using var cloud = new ScriptedPredictor(ExecutionTarget.Remote, Unreachable());
        using var hybrid = new Hybrid(null, cloud, Options with { Mode = InferenceMode.OnlyInCloud });
        for (var call = 0; call < 2; call++)
        {
            await Assert.ThrowsAnyAsync<CofferException>(() => hybrid.PredictAsync("x", cancellationToken: Token));
        }

        Assert.Equal(HybridError.CircuitOpen, (await Assert.ThrowsAsync<HybridException>(() => hybrid.PredictAsync("x", cancellationToken: Token))).Error);
    }

    // Ten callers at once fail the endpoint; a failing input of theirs doesn't.
    [Fact]
    public async Task PredictAsync_BadInputs_DoNotOpenTheCircuit()
    {
        using var cloud = new ScriptedPredictor(ExecutionTarget.Remote, new InputException(InputError.Empty, "m"));
        using var hybrid = new Hybrid(null, cloud, Options with { Mode = InferenceMode.OnlyInCloud });

        for (var call = 0; call < 20; call++)
        {
            await Assert.ThrowsAsync<InputException>(() => hybrid.PredictAsync("x", cancellationToken: Token));
        }

        Assert.Equal(20, cloud.Calls);
    }

    [Fact]
    public async Task PredictAsync_FirstEndpointSlow_AsksASecondAndTakesTheFirstAnswer()
    {
        using var slow = Never(ExecutionTarget.Remote);
        using var quick = new ScriptedPredictor(ExecutionTarget.Remote, "quick");
        using var hybrid = new Hybrid(null, [new Leg(slow) { Name = "slow", Weight = 2 }, new Leg(quick) { Name = "quick" }], Options with { Mode = InferenceMode.OnlyInCloud });

        var prediction = await ElapseAsync(hybrid.PredictAsync("x", cancellationToken: Token));

        Assert.Equal("quick", prediction.Value);
        var leg = Assert.Single(prediction.Legs);
        Assert.Equal(("quick", 2), (leg.Name, leg.Attempts));
        Assert.InRange(leg.Duration, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(9));
    }

    [Fact]
    public async Task PredictAsync_FirstEndpointFails_AsksTheNextAtOnce()
    {
        using var down = new ScriptedPredictor(ExecutionTarget.Remote, Unreachable());
        using var up = new ScriptedPredictor(ExecutionTarget.Remote, "up");
        using var hybrid = new Hybrid(null, [new Leg(down), new Leg(up)], Options with { Mode = InferenceMode.OnlyInCloud, HedgeAfter = null, Retries = 0 });

        Assert.Equal("up", (await hybrid.PredictAsync("x", cancellationToken: Token)).Value);
        Assert.Equal((1, 1), (down.Calls, up.Calls));
    }

    [Fact]
    public async Task PredictAsync_EndpointsWithWeights_GetTheirShares()
    {
        using var large = new ScriptedPredictor(ExecutionTarget.Remote, "large");
        using var small = new ScriptedPredictor(ExecutionTarget.Remote, "small");
        using var hybrid = new Hybrid(null, [new Leg(large) { Weight = 3 }, new Leg(small)], Options with { Mode = InferenceMode.OnlyInCloud });

        for (var call = 0; call < 40; call++)
        {
            await hybrid.PredictAsync("x", cancellationToken: Token);
        }

        Assert.Equal((30, 10), (large.Calls, small.Calls));
    }

    [Fact]
    public async Task PredictAsync_ProbeSaysNo_PassesTheEndpointOverUntilItSaysYes()
    {
        var isReady = false;
        var asked = new SemaphoreSlim(0);
        using var sick = new ScriptedPredictor(ExecutionTarget.Remote, "sick");
        using var well = new ScriptedPredictor(ExecutionTarget.Remote, "well");
        var probed = new Leg(sick)
        {
            Probe = _ =>
            {
                asked.Release();
                return ValueTask.FromResult(isReady);
            },
        };
        using var hybrid = new Hybrid(null, [probed, new Leg(well)], Options with { Mode = InferenceMode.OnlyInCloud });
        await hybrid.PredictAsync("x", cancellationToken: Token);
        await asked.WaitAsync(Token);
        await UntilAsync(() => !hybrid.Endpoints[0].IsReady);

        var before = sick.Calls;
        for (var call = 0; call < 10; call++)
        {
            Assert.Equal("well", (await hybrid.PredictAsync("x", cancellationToken: Token)).Value);
        }

        Assert.Equal((before, 0), (sick.Calls, asked.CurrentCount));

        isReady = true;
        _clock.Advance(TimeSpan.FromSeconds(16));
        await hybrid.PredictAsync("x", cancellationToken: Token);
        await UntilAsync(() => hybrid.Endpoints[0].IsReady);
        await hybrid.PredictAsync("x", cancellationToken: Token);
        await hybrid.PredictAsync("x", cancellationToken: Token);
        Assert.True(sick.Calls > before);
    }

    [Fact]
    public async Task PredictAsync_ModelNotOnThisDevice_AnswersElsewhereAndLooksAgainLater()
    {
        var isThere = false;
        var made = 0;
        using var device = new ScriptedPredictor(ExecutionTarget.Local, "device");
        using var cloud = new ScriptedPredictor(ExecutionTarget.Remote, "cloud");
        var leg = new Leg(_ =>
        {
            made++;
            return isThere ? ValueTask.FromResult<IPredictor<string, object, string>>(device) : throw new FileNotFoundException("No model.");
        });
        using (var hybrid = new Hybrid(leg, [new Leg(cloud)], Options))
        {
            var first = await hybrid.PredictAsync("x", cancellationToken: Token);
            Assert.Equal(("cloud", LegOutcome.ModelAbsent), (first.Value, first.Legs[0].Outcome));
            isThere = true;
            Assert.Equal("cloud", (await hybrid.PredictAsync("x", cancellationToken: Token)).Value);
            Assert.Equal(1, made);

            _clock.Advance(TimeSpan.FromSeconds(31));
            Assert.Equal("device", (await hybrid.PredictAsync("x", cancellationToken: Token)).Value);
            Assert.Equal("device", (await hybrid.PredictAsync("x", cancellationToken: Token)).Value);
            Assert.Equal(2, made);
        }

        Assert.True(device.IsDisposed);
        Assert.False(cloud.IsDisposed);
    }

    [Fact]
    public async Task PredictBatchAsync_DeviceUnavailable_MovesTheWholeBatch()
    {
        using var device = new ScriptedPredictor(ExecutionTarget.Local, new InferenceException(InferenceError.ProviderUnavailable, "m"));
        using var cloud = new ScriptedPredictor(ExecutionTarget.Remote, "cloud");
        using var hybrid = new Hybrid(device, cloud, Options);

        var predictions = await hybrid.PredictBatchAsync(["a", "b", "c"], cancellationToken: Token);

        Assert.Equal(3, predictions.Count);
        Assert.All(predictions, prediction => Assert.Equal(2, prediction.Legs.Count));
        Assert.Empty(await hybrid.PredictBatchAsync([], cancellationToken: Token));
    }

    [Fact]
    public void New_NoPredictorForTheMode_Throws()
    {
        using var device = new ScriptedPredictor(ExecutionTarget.Local, "device");

        Assert.Throws<ArgumentException>(() => new Hybrid(device, null, Options with { Mode = InferenceMode.OnlyInCloud }));
        Assert.Throws<ArgumentException>(() => new Hybrid(null, device, Options with { Mode = InferenceMode.OnlyOnDevice }));
        Assert.Throws<ArgumentException>(() => new Hybrid(null, [], Options));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Hybrid(device, null, Options with { Retries = 11 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Hybrid(device, null, Options with { BreakerThroughput = 1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Hybrid(null, [new Leg(device) { Weight = 0 }], Options));
    }

    [Fact]
    public async Task Dispose_Hybrid_RefusesLaterCalls()
    {
        using var device = new ScriptedPredictor(ExecutionTarget.Local, "device");
        var hybrid = new Hybrid(device, null, Options);

        hybrid.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => hybrid.PredictAsync("x", cancellationToken: Token));
        Assert.False(device.IsDisposed);
    }

    private static RemoteException Unreachable() => new(RemoteError.Unreachable, Endpoint, "No way.");

    private static ScriptedPredictor Never(ExecutionTarget target) => new(target, async (_, token) =>
    {
        await Task.Delay(Timeout.Infinite, token);
        return "";
    });

    private async Task<T> ElapseAsync<T>(Task<T> running)
    {
        while (!running.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        return await running;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Yield();
            Token.ThrowIfCancellationRequested();
        }
    }
}
