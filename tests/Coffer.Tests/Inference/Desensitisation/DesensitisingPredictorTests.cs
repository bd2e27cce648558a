using System.Diagnostics.Metrics;
using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Text;

namespace Coffer.Tests.Inference;

public sealed class DesensitisingPredictorTests
{
    private const string Input = "Write to jane@example.com, +1 415 555 2671, about DE89 3704 0044 0532 0130 00.";

    private static readonly Uri Endpoint = new("https://models.example/v2");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PredictAsync_TextWithPersonalContent_LeavesWithoutAndComesBackWith()
    {
        using var remote = new Echo();
        using var predictor = new DesensitisingPredictor<string, object, string>(remote, new TextRedactor().ForString());

        var prediction = await predictor.PredictAsync(Input, cancellationToken: Token);

        Assert.Equal("Write to [EMAIL_1], [PHONE_1], about [IBAN_1].", Assert.Single(remote.Inputs));
        Assert.Equal("You said: " + Input, prediction.Value);
    }

    [Fact]
    public async Task PredictBatchAsync_Texts_EachComesBackWithItsOwn()
    {
        using var remote = new Echo();
        using var predictor = new DesensitisingPredictor<string, object, string>(remote, new TextRedactor().ForString());

        var predictions = await predictor.PredictBatchAsync(["a@example.com", "b@example.com"], cancellationToken: Token);

        Assert.Equal(["[EMAIL_1]", "[EMAIL_1]"], remote.Inputs);
        Assert.Equal(["You said: a@example.com", "You said: b@example.com"], predictions.Select(prediction => prediction.Value));
        Assert.Empty(await predictor.PredictBatchAsync([], cancellationToken: Token));
    }

    [Fact]
    public async Task PredictStreamAsync_PlaceholderCutBetweenItems_ComesBackWhole()
    {
        using var remote = new Echo();
        using var predictor = new DesensitisingStreamingPredictor<string, object, string>(remote, new TextRedactor().ForString());

        var items = await predictor.PredictStreamAsync(Input, cancellationToken: Token).ToListAsync(Token);

        Assert.DoesNotContain('@', Assert.Single(remote.Inputs));
        Assert.Equal("You said: " + Input, string.Concat(items));
    }

    // The license's list is the floor: the host, which asked for e-mail only, can't go below it.
    [Fact]
    public async Task PredictAsync_LicenseWantsMoreThanTheHost_RemovesBoth()
    {
        using var vendor = new TestVendor();
        using var model = await OpenAsync(vendor, "iban", "faces");
        using var remote = new Echo();
        using var predictor = Desensitising(model, remote, new TextRedactor(new() { Kinds = [RedactionKinds.Email] }));

        await predictor.PredictAsync(Input, cancellationToken: Token);

        Assert.Equal("Write to [EMAIL_1], +1 415 555 2671, about [IBAN_1].", Assert.Single(remote.Inputs));
    }

    [Fact]
    public async Task PredictAsync_LicenseWantsWhatNobodyCanRemove_RefusesBeforeAnythingLeaves()
    {
        using var vendor = new TestVendor();
        using var model = await OpenAsync(vendor, "names");
        using var remote = new Echo();
        using var predictor = Desensitising(model, remote, new TextRedactor());

        var refusal = await Assert.ThrowsAsync<LicenseException>(() => predictor.PredictAsync(Input, cancellationToken: Token));

        Assert.Equal(LicenseError.NotDesensitised, refusal.Error);
        Assert.Contains("names", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(remote.Inputs);
    }

    // Without a desensitiser around it, or with one that knows nothing of the license and does less, the leg itself refuses.
    [Fact]
    public async Task PredictAsync_LegOfALicenseThatWantsMore_RefusesByItself()
    {
        using var vendor = new TestVendor();
        using var model = await OpenAsync(vendor, "email", "phone");
        using var remote = new Echo();
        var guarded = model.GuardRemote((IPredictor<string, object, string>)remote, Endpoint);
        using var less = new DesensitisingPredictor<string, object, string>(guarded, new TextRedactor(new() { Kinds = [RedactionKinds.Email] }).ForString());
        using var enough = new DesensitisingPredictor<string, object, string>(guarded, new TextRedactor().ForString());

        Assert.Equal(LicenseError.NotDesensitised, (await Assert.ThrowsAsync<LicenseException>(() => guarded.PredictAsync(Input, cancellationToken: Token))).Error);
        Assert.Equal(LicenseError.NotDesensitised, (await Assert.ThrowsAsync<LicenseException>(() => less.PredictAsync(Input, cancellationToken: Token))).Error);
        Assert.Empty(remote.Inputs);
        await enough.PredictAsync(Input, cancellationToken: Token);
        Assert.Single(remote.Inputs);

        // What was said of one call holds for no other.
        Assert.Equal(LicenseError.NotDesensitised, (await Assert.ThrowsAsync<LicenseException>(() => guarded.PredictAsync(Input, cancellationToken: Token))).Error);
    }

    [Fact]
    public async Task PredictStreamAsync_LegOfALicense_IsToldWhatWasRemoved()
    {
        using var vendor = new TestVendor();
        using var model = await OpenAsync(vendor, "email");
        using var remote = new Echo();
        var guarded = model.GuardRemote((IStreamingPredictor<string, object, string>)remote, Endpoint);
        using var predictor = new DesensitisingStreamingPredictor<string, object, string>(guarded, new TextRedactor().ForString(), model);

        Assert.Equal("You said: " + Input, string.Concat(await predictor.PredictStreamAsync(Input, cancellationToken: Token).ToListAsync(Token)));
        await Assert.ThrowsAsync<LicenseException>(async () => await guarded.PredictStreamAsync(Input, cancellationToken: Token).ToListAsync(Token));
    }

    // The device sees the text as it is; only what leaves is redacted.
    [Fact]
    public async Task PredictAsync_InAHybrid_RedactsOnlyTheLegThatLeaves()
    {
        using var device = new ScriptedInput();
        using var remote = new Echo();
        using var cloud = new DesensitisingPredictor<string, object, string>(remote, new TextRedactor().ForString());
        using var hybrid = new HybridPredictor<string, object, string>(device, cloud, null);

        Assert.Equal("here", (await hybrid.PredictAsync(Input, cancellationToken: Token)).Value);
        Assert.Equal((Input, 0), (device.Seen, remote.Inputs.Count));
        device.Fails = true;
        Assert.Equal("You said: " + Input, (await hybrid.PredictAsync(Input, cancellationToken: Token)).Value);
        Assert.DoesNotContain('@', remote.Inputs[0]);
    }

    [Fact]
    public async Task PredictAsync_Audited_SaysHowManyOfWhichKindAndNeverWhat()
    {
        var logger = new CollectingLogger();
        var counted = new Dictionary<string, long>();
        using var meters = new MeterListener { InstrumentPublished = (instrument, listener) => Listen(instrument, listener) };
        meters.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            foreach (var tag in tags)
            {
                lock (counted)
                {
                    counted[$"{tag.Key}={tag.Value}"] = counted.GetValueOrDefault($"{tag.Key}={tag.Value}") + value;
                }
            }
        });
        meters.Start();
        using var remote = new Echo();
        using var predictor = new DesensitisingPredictor<string, object, string>(remote, new TextRedactor().ForString(), logger: logger);

        await predictor.PredictAsync("a@example.com b@example.com " + Input, cancellationToken: Token);

        Assert.Contains("email 3, iban 1, phone 1", logger.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("example", logger.Text, StringComparison.Ordinal);
        lock (counted)
        {
            Assert.True(counted["coffer.kind=email"] >= 3);
        }

        static void Listen(Instrument instrument, MeterListener listener)
        {
            if (instrument.Name == "coffer.redactions")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        }
    }

    [Fact]
    public async Task ForText_APair_SharesItsPlaceholders()
    {
        var desensitiser = new TextRedactor().ForText<string>();

        var safe = await desensitiser.RemoveAsync(new TextInput("Is a@example.com hers?", "b@example.com and a@example.com"), [], Token);

        Assert.Equal(("Is [EMAIL_1] hers?", "[EMAIL_2] and [EMAIL_1]"), (safe.Input.Text, safe.Input.Pair));
        Assert.Contains(RedactionKinds.Faces, safe.Removed);
    }

    private static Task<ProtectedModel> OpenAsync(TestVendor vendor, params string[] desensitise) => vendor.OpenAsync(edit: RemoteDigits.Licensed(null, desensitise));

    private static DesensitisingPredictor<string, object, string> Desensitising(ProtectedModel model, Echo remote, TextRedactor redactor) =>
        new(model.GuardRemote((IPredictor<string, object, string>)remote, Endpoint), redactor.ForString(), model);

    private sealed class ScriptedInput : IPredictor<string, object, string>
    {
        public bool Fails { get; set; }

        public string? Seen { get; private set; }

        public Task<Prediction<string>> PredictAsync(string input, object? options = null, CancellationToken cancellationToken = default)
        {
            Seen = input;
            return Fails ? throw new InferenceException(InferenceError.OutOfMemory, "m") : Task.FromResult(Echo.Of("here", ExecutionTarget.Local));
        }

        public Task<IReadOnlyList<Prediction<string>>> PredictBatchAsync(IReadOnlyList<string> inputs, object? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }

    /// <summary>An endpoint that repeats what reaches it, in pieces of three characters when it streams.</summary>
    private sealed class Echo : IPredictor<string, object, string>, IStreamingPredictor<string, object, string>
    {
        public List<string> Inputs { get; } = [];

        public static Prediction<string> Of(string value, ExecutionTarget target) => new()
        {
            Value = value,
            Target = target,
            ExecutionProvider = "Echo",
            ModelDigest = new string('0', 64),
            Duration = TimeSpan.Zero,
        };

        public async Task<Prediction<string>> PredictAsync(string input, object? options = null, CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            Inputs.Add(input);
            return Of("You said: " + input, ExecutionTarget.Remote);
        }

        public async Task<IReadOnlyList<Prediction<string>>> PredictBatchAsync(IReadOnlyList<string> inputs, object? options = null, CancellationToken cancellationToken = default)
        {
            var results = new List<Prediction<string>>();
            foreach (var input in inputs)
            {
                results.Add(await PredictAsync(input, options, cancellationToken));
            }

            return results;
        }

        public async IAsyncEnumerable<string> PredictStreamAsync(
            string input, object? options = null, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            Inputs.Add(input);
            foreach (var piece in ("You said: " + input).Chunk(3))
            {
                await Task.Yield();
                cancellationToken.ThrowIfCancellationRequested();
                yield return new string(piece);
            }
        }

        public void Dispose()
        {
        }
    }
}
