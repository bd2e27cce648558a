using Coffer.Bundles;
using Coffer.Inference;
using Microsoft.Extensions.Time.Testing;
using Hybrid = Coffer.Inference.HybridStreamingPredictor<string, object, string>;

namespace Coffer.Tests.Inference;

public sealed class HybridStreamingPredictorTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private HybridOptions Options => new() { Clock = _clock, RetryDelay = TimeSpan.Zero };

    [Fact]
    public async Task OpenStreamAsync_DeviceFailsBeforeTheFirstItem_StreamsFromTheEndpointAndSaysSo()
    {
        using var device = new ScriptedPredictor(ExecutionTarget.Local, new InferenceException(InferenceError.OutOfMemory, "m"));
        using var cloud = new ScriptedPredictor(ExecutionTarget.Remote, "a") { Rest = _ => Items("b", "c") };
        using var hybrid = new Hybrid(device, cloud, Options);

        await using var stream = await hybrid.OpenStreamAsync("x", cancellationToken: Token);

        Assert.Equal((ExecutionTarget.Remote, "device"), (stream.Target, stream.Fallback?.From));
        Assert.Equal([LegOutcome.OutOfMemory, LegOutcome.Answered], stream.Legs.Select(leg => leg.Outcome));
        Assert.Equal(["a", "b", "c"], await stream.ReadAsync(Token).ToListAsync(Token));
        Assert.Throws<InvalidOperationException>(() => stream.ReadAsync(Token));
    }

    [Fact]
    public async Task PredictStreamAsync_FailsAfterTheFirstItem_DoesNotChangeSides()
    {
        var failure = new InferenceException(InferenceError.OutOfMemory, "m");
        using var device = new ScriptedPredictor(ExecutionTarget.Local, "a") { Rest = _ => throw failure };
        using var cloud = new ScriptedPredictor(ExecutionTarget.Remote, "b");
        using var hybrid = new Hybrid(device, cloud, Options);
        List<string> read = [];

        var thrown = await Record.ExceptionAsync(async () =>
        {
            await foreach (var item in hybrid.PredictStreamAsync("x", cancellationToken: Token))
            {
                read.Add(item);
            }
        });

        Assert.Same(failure, thrown);
        Assert.Equal(["a"], read);
        Assert.Equal(0, cloud.Calls);
    }

    [Fact]
    public async Task PredictStreamAsync_EndpointAway_RetriesAndMovesToTheDevice()
    {
        using var device = new ScriptedPredictor(ExecutionTarget.Local, "device");
        using var cloud = new ScriptedPredictor(ExecutionTarget.Remote, new RemoteException(RemoteError.Unreachable, new Uri("https://x.example"), "m"));
        using var hybrid = new Hybrid(device, cloud, Options with { Mode = InferenceMode.PreferInCloud });

        Assert.Equal(["device"], await hybrid.PredictStreamAsync("x", cancellationToken: Token).ToListAsync(Token));
        Assert.Equal(3, cloud.Calls);
    }

    // The timeouts of an attempt are for the first item: a long answer goes on.
    [Fact]
    public async Task PredictStreamAsync_LongAnswer_OutlastsTheTimeouts()
    {
        using var cloud = new ScriptedPredictor(ExecutionTarget.Remote, "a") { Rest = Slow };
        using var hybrid = new Hybrid(null, cloud, Options with { Mode = InferenceMode.OnlyInCloud });

        Assert.Equal(["a", "b"], await hybrid.PredictStreamAsync("x", cancellationToken: Token).ToListAsync(Token));

        async IAsyncEnumerable<string> Slow([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken token)
        {
            _clock.Advance(TimeSpan.FromMinutes(5));
            await Task.Yield();
            token.ThrowIfCancellationRequested();
            yield return "b";
        }
    }

    [Fact]
    public async Task PredictStreamAsync_CancelledMidway_Ends()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var cloud = new ScriptedPredictor(ExecutionTarget.Remote, "a") { Rest = Endless };
        using var hybrid = new Hybrid(null, cloud, Options with { Mode = InferenceMode.OnlyInCloud });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var item in hybrid.PredictStreamAsync("x", cancellationToken: cancel.Token))
            {
                await cancel.CancelAsync();
            }
        });

        static async IAsyncEnumerable<string> Endless([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken token)
        {
            await Task.Delay(Timeout.Infinite, token);
            yield return "never";
        }
    }

    [Fact]
    public async Task PredictStreamAsync_EmptyStream_IsAnAnswer()
    {
        using var device = new Empty();
        using var cloud = new ScriptedPredictor(ExecutionTarget.Remote, "cloud");
        using var hybrid = new Hybrid(device, cloud, Options);

        Assert.Empty(await hybrid.PredictStreamAsync("x", cancellationToken: Token).ToListAsync(Token));
    }

    [Fact]
    public async Task PredictStreamAsync_Licensed_CostsOneAStream()
    {
        using var vendor = new TestVendor();
        using var model = await vendor.OpenAsync(edit: request => RemoteDigits.Licensed()(request) with { Calls = 2, Concurrent = 1 });
        var endpoint = new Uri("https://models.example/v2");
        using var flaky = new ScriptedPredictor(ExecutionTarget.Remote, (call, _) => call % 2 == 1 ? throw new RemoteException(RemoteError.Unavailable, endpoint, "m") : Task.FromResult("a")) { Rest = _ => Items("b") };
        using var hybrid = new Hybrid(null, model.GuardRemote((IStreamingPredictor<string, object, string>)flaky, endpoint), Options with { Mode = InferenceMode.OnlyInCloud });

        for (var stream = 0; stream < 2; stream++)
        {
            Assert.Equal(["a", "b"], await hybrid.PredictStreamAsync("x", cancellationToken: Token).ToListAsync(Token));
        }

        var refusal = await Assert.ThrowsAsync<LicenseException>(() => hybrid.OpenStreamAsync("x", cancellationToken: Token));
        Assert.Equal((LicenseError.QuotaExceeded, 4), (refusal.Error, flaky.Calls));
    }

    private static async IAsyncEnumerable<string> Items(params string[] items)
    {
        foreach (var item in items)
        {
            await Task.Yield();
            yield return item;
        }
    }

    private sealed class Empty : IStreamingPredictor<string, object, string>
    {
        public IAsyncEnumerable<string> PredictStreamAsync(string input, object? options = null, CancellationToken cancellationToken = default) => AsyncEnumerable.Empty<string>();

        public void Dispose()
        {
        }
    }
}
