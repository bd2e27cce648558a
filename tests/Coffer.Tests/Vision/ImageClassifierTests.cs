using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Vision;
using Microsoft.Extensions.Time.Testing;

namespace Coffer.Tests.Vision;

public sealed class ImageClassifierTests
{
    private const string Config = """{"size":{"height":8,"width":8},"do_rescale":true}""";

    private static readonly string[] Labels = ["tench", "goldfish", "shark", "ray"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Predict_Picture_GivesLabelsBestFirstAndWhatRan()
    {
        var time = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromMilliseconds(7) };
        var context = new FakePredictorContext(time: time);
        using var classifier = Create(new FakeImageRunner("N,3,8,8", "N,4"), context);
        var prediction = classifier.Predict(Picture(1), new() { TopK = 3 }, Cancellation);
        var classes = prediction.Value.Classes;
        Assert.Equal(3, classes.Count);
        Assert.All(classes, entry => Assert.Equal(Labels[entry.Index], entry.Label));
        Assert.True(classes[0].Score > classes[1].Score && classes[1].Score > classes[2].Score);
        Assert.Equal(classes[0], prediction.Value.Top);
        Assert.Equal(("0123abcd", "CPU", ExecutionTarget.Local), (prediction.ModelDigest, prediction.ExecutionProvider, prediction.Target));
        Assert.Equal("CUDA", prediction.Fallback?.From);
        Assert.Equal(TimeSpan.FromMilliseconds(7), prediction.Duration);
    }

    [Fact]
    public void Predict_TopKAboveClasses_GivesAllAndSumsToOne()
    {
        var context = new FakePredictorContext();
        var classes = Create(new FakeImageRunner("N,3,8,8", "N,4"), context).Predict(Picture(1), new() { TopK = 100 }, Cancellation).Value.Classes;
        Assert.Equal(4, classes.Count);
        Assert.Equal(1, classes.Sum(entry => entry.Score), 1e-6);
    }

    [Fact]
    public void Best_EqualScores_LowerIndexFirst()
    {
        var best = ClassScores.Best([1, 3, 3, 2, 3], 4, index => $"{index}");
        Assert.Equal([1, 2, 4, 3], best.Select(entry => entry.Index));
    }

    [Fact]
    public void Best_RandomScores_IsTheSortedOrder()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var scores = Enumerable.Range(0, 500).Select(_ => (float)random.Next(100)).ToArray();
        var expected = Enumerable.Range(0, 500).OrderByDescending(index => scores[index]).ThenBy(index => index).ToArray();
        foreach (var count in (int[])[1, 5, 499, 500])
        {
            Assert.True(expected.Take(count).SequenceEqual(ClassScores.Best(scores, count, _ => "").Select(entry => entry.Index)), $"seed {seed}, {count}");
        }
    }

    [Fact]
    public void Apply_SoftmaxOfGreatLogits_DoesNotOverflow()
    {
        float[] scores = [1000, 999, -1000];
        ClassScores.Apply(ScoreFunction.Softmax, scores);
        Assert.Equal(0.7310586, scores[0], 1e-6);
        Assert.Equal(0.2689414, scores[1], 1e-6);
        Assert.Equal(0, scores[2]);
    }

    [Fact]
    public void Apply_NotANumber_IsRunFailed() => Assert.Equal(
        InferenceError.RunFailed, Assert.Throws<InferenceException>(() => ClassScores.Apply(ScoreFunction.None, [1, float.NaN])).Error);

    [Fact]
    public void Predict_ScoreFunctions_AreTheModelsUnlessAsked()
    {
        var context = new FakePredictorContext();
        var sigmoid = Create(new FakeImageRunner("N,3,8,8", "N,4"), context, scores: ScoreFunction.Sigmoid);
        var raw = sigmoid.Predict(Picture(1), new() { Scores = ScoreFunction.None }, Cancellation).Value.Top;
        Assert.Equal(1 / (1 + Math.Exp(-raw.Score)), sigmoid.Predict(Picture(1), null, Cancellation).Value.Top.Score, 1e-6);

        // A single class has nothing to share a softmax with.
        var single = Create(new FakeImageRunner("N,3,8,8", "N,1") { Classes = 1 }, context, labels: null);
        Assert.Equal(ScoreFunctionOf(single, ScoreFunction.Sigmoid), ScoreFunctionOf(single, null));
        Assert.Equal("0", single.Predict(Picture(1), null, Cancellation).Value.Top.Label);
    }

    [Theory]
    [InlineData("N,3,8,8", 3, 4)]
    [InlineData("N,3,8,8", 100, 1)]
    [InlineData("1,3,8,8", 3, 10)]
    [InlineData("4,3,8,8", 3, 3)]
    public async Task PredictBatchAsync_AnyBatchAxis_EqualsSingleCalls(string input, int batchSize, int runs)
    {
        var context = new FakePredictorContext();
        var runner = new FakeImageRunner(input, "N,4");
        using var classifier = Create(runner, context);
        var pictures = Enumerable.Range(0, 10).Select(Picture).ToArray();
        var batch = await classifier.PredictBatchAsync(pictures, new() { BatchSize = batchSize }, Cancellation);
        Assert.Equal(runs, runner.Shapes.Count);
        Assert.Equal([10], context.Charges);
        Assert.Equal(10, batch.Count);
        for (var i = 0; i < pictures.Length; i++)
        {
            Assert.Equal(classifier.Predict(pictures[i], null, Cancellation).Value.Classes, batch[i].Value.Classes);
        }

        Assert.Equal(0, runner.Open);
    }

    [Fact]
    public async Task PredictBatchAsync_FixedBatch_ClearsUnusedSlots()
    {
        var context = new FakePredictorContext();
        var runner = new FakeImageRunner("4,3,8,8", "4,4");
        _ = await Create(runner, context).PredictBatchAsync([Picture(1)], null, Cancellation);
        Assert.Equal([4, 3, 8, 8], runner.Shapes[0]);
        Assert.Contains(runner.Inputs[0][..192], number => number != 0);
        Assert.All(runner.Inputs[0][192..], number => Assert.Equal(0, number));
    }

    [Fact]
    public async Task PredictBatchAsync_PayloadLimit_SendsSmallerBatches()
    {
        var context = new FakePredictorContext();
        var runner = new FakeImageRunner("N,3,8,8", "N,4");
        runner = new FakeImageRunner("N,3,8,8", "N,4") { Signature = runner.Signature with { Capabilities = new(true, false, MaxPayload: 2000) } };
        _ = await Create(runner, context).PredictBatchAsync([.. Enumerable.Range(0, 5).Select(Picture)], null, Cancellation);
        Assert.Equal([2, 2, 1], runner.Shapes.Select(shape => shape[0]));
    }

    [Fact]
    public async Task PredictBatchAsync_PicturesThatKeepTheirSize_RunOneByOne()
    {
        var context = new FakePredictorContext();
        var runner = new FakeImageRunner("N,3,H,W", "N,4");
        using var classifier = Create(runner, context, config: """{"size":10}""");
        var wide = ImageInput.FromPixels(new byte[20 * 10 * 3], 20, 10, PixelFormat.Rgb24, 60);
        var batch = await classifier.PredictBatchAsync([wide, Picture(1)], null, Cancellation);
        Assert.Equal(2, batch.Count);
        Assert.Equal([[1, 3, 10, 20], [1, 3, 10, 10]], runner.Shapes);
    }

    [Fact]
    public async Task PredictBatchAsync_Nothing_GivesNothingAndCostsNothing()
    {
        var context = new FakePredictorContext();
        Assert.Empty(await Create(new FakeImageRunner("N,3,8,8", "N,4"), context).PredictBatchAsync([], null, Cancellation));
        Assert.Empty(context.Charges);
    }

    [Fact]
    public async Task PredictBatchAsync_OneBadPicture_FailsAndHandsEverythingBack()
    {
        var context = new FakePredictorContext();
        var runner = new FakeImageRunner("N,3,8,8", "N,4");
        using var classifier = Create(runner, context);
        var refusal = await Assert.ThrowsAsync<InputException>(() => classifier.PredictBatchAsync([Picture(1), ImageInput.FromBytes("no"u8.ToArray())], null, Cancellation));
        Assert.Equal(InputError.UnknownFormat, refusal.Error);
        Assert.Equal(0, runner.Open);
    }

    [Fact]
    public void Predict_ChannelsLastHalvesAndTrailingOnes_GivesTheSameClasses()
    {
        var context = new FakePredictorContext();
        var half = new FakeImageRunner("N,8,8,3", "N,4,1,1", ElementType.Float16);
        var single = new FakeImageRunner("N,8,8,3", "N,4");
        var expected = Create(single, context).Predict(Picture(3), null, Cancellation).Value.Classes;
        var actual = Create(half, context).Predict(Picture(3), null, Cancellation).Value.Classes;
        Assert.Equal([1, 8, 8, 3], half.Shapes[0]);
        Assert.Equal(expected.Select(entry => entry.Label), actual.Select(entry => entry.Label));
        Assert.All(single.Inputs[0].Zip(half.Inputs[0]), pair => Assert.Equal(pair.First, pair.Second, 1e-3f));
    }

    [Theory]
    [InlineData("N,3,8,8", "N,5", Config, ElementType.Float32, "4 labels", "5 classes")]
    [InlineData("N,3,9,8", "N,4", Config, ElementType.Float32, "8x8", "size")]
    [InlineData("N,1,8,8", "N,4", Config, ElementType.Float32, "3 channels", "channel_order")]
    [InlineData("N,3,8,8", "N,4", Config, ElementType.UInt8, "uint8", "do_rescale")]
    [InlineData("N,3,8,8", "N,4", Config, ElementType.Int64, "int64", "float32")]
    [InlineData("0,3,8,8", "N,4", Config, ElementType.Float32, "batch", "free")]
    [InlineData("3,8,8", "N,4", Config, ElementType.Float32, "4 dimensions", "pictures")]
    [InlineData("N,3,8,8", "4", Config, ElementType.Float32, "[batch, classes]", "classifier")]
    [InlineData("N,3,8,8", "N,4,7,7", Config, ElementType.Float32, "[batch, classes]", "classifier")]
    public void Create_GraphThatDoesNotFit_SaysWhat(string input, string output, string config, ElementType type, string named, string alsoNamed)
    {
        var context = new FakePredictorContext();
        var refusal = Assert.Throws<InferenceException>(() => Create(new FakeImageRunner(input, output, type), context, config));
        Assert.Equal(InferenceError.InvalidSettings, refusal.Error);
        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(alsoNamed, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Predict_LabelsThatDoNotFitAFreeDimension_SaysBothNumbers()
    {
        var context = new FakePredictorContext();
        using var classifier = Create(new FakeImageRunner("N,3,8,8", "N,C") { Classes = 6 }, context);
        var refusal = Assert.Throws<InferenceException>(() => classifier.Predict(Picture(1), null, Cancellation));
        Assert.Equal(InferenceError.InvalidSettings, refusal.Error);
        Assert.Contains("4 labels", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("6 classes", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Predict_PictureOfAnotherShape_IsUnsuitable()
    {
        var context = new FakePredictorContext();
        using var classifier = Create(new FakeImageRunner("N,3,10,10", "N,4"), context, """{"size":10}""");
        var wide = ImageInput.FromPixels(new byte[20 * 10], 20, 10, PixelFormat.Gray8, 20);
        Assert.Equal(InputError.Unsuitable, Assert.Throws<InputException>(() => classifier.Predict(wide, null, Cancellation)).Error);
    }

    [Fact]
    public async Task Predict_RefusedLicense_TouchesNothing()
    {
        var context = new FakePredictorContext(refuses: true);
        var runner = new FakeImageRunner("N,3,8,8", "N,4");
        using var classifier = Create(runner, context);
        using var stream = new MemoryStream([1, 2, 3]);
        var input = ImageInput.FromStream(stream);
        _ = Assert.Throws<LicenseException>(() => classifier.Predict(input, null, Cancellation));
        _ = await Assert.ThrowsAsync<LicenseException>(() => classifier.PredictAsync(input, null, Cancellation));
        Assert.Equal((0, 0), (stream.Position, runner.Shapes.Count));
    }

    [Fact]
    public async Task Predict_AsynchronousRunner_SendsToPredictAsync()
    {
        var context = new FakePredictorContext();
        var runner = new FakeImageRunner("N,3,8,8", "N,4");
        runner = new FakeImageRunner("N,3,8,8", "N,4") { Signature = runner.Signature with { Capabilities = new(Synchronous: false, Carry: false), ExecutionProvider = "KServe" } };
        using var classifier = Create(runner, context);
        var refusal = Assert.Throws<NotSupportedException>(() => classifier.Predict(Picture(1), null, Cancellation));
        Assert.Contains("PredictAsync", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(context.Charges);
        Assert.Equal("KServe", (await classifier.PredictAsync(Picture(1), null, Cancellation)).ExecutionProvider);
    }

    [Fact]
    public async Task PredictAsync_Cancelled_StopsAndStaysUsable()
    {
        var context = new FakePredictorContext(maxConcurrency: 1);
        using var cancellation = new CancellationTokenSource();
        var runner = new FakeImageRunner("N,3,8,8", "N,4")
        {
            OnRun = token =>
            {
                if (!cancellation.IsCancellationRequested)
                {
                    cancellation.Cancel();
                    token.ThrowIfCancellationRequested();
                }
            },
        };
        using var classifier = Create(runner, context);
        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => classifier.PredictAsync(Picture(1), null, cancellation.Token));
        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => classifier.PredictAsync(Picture(1), null, cancellation.Token));
        _ = Assert.ThrowsAny<OperationCanceledException>(() => classifier.Predict(Picture(1), null, cancellation.Token));
        Assert.Equal(0, runner.Open);
        Assert.NotNull((await classifier.PredictAsync(Picture(1), null, Cancellation)).Value.Top.Label);
        Assert.Equal([1, 1], context.Charges);
    }

    [Fact]
    public async Task PredictAsync_ManyAtOnce_RunAsManyAsAllowed()
    {
        var context = new FakePredictorContext(maxConcurrency: 2);
        using var two = new ManualResetEventSlim();
        var (active, most) = (0, 0);
        var gate = new Lock();
        var runner = new FakeImageRunner("N,3,8,8", "N,4")
        {
            OnRun = token =>
            {
                lock (gate)
                {
                    most = Math.Max(most, ++active);
                    if (active == 2)
                    {
                        two.Set();
                    }
                }

                // Fails by cancellation, not by hanging, where two never run at once.
                two.Wait(token);
                lock (gate)
                {
                    active--;
                }
            },
        };
        using var classifier = Create(runner, context);
        var predictions = await Task.WhenAll(Enumerable.Range(0, 12).Select(seed => classifier.PredictAsync(Picture(seed), null, Cancellation)));
        Assert.Equal(2, most);
        Assert.Equal(12, context.Charges.Count);
        for (var seed = 0; seed < predictions.Length; seed++)
        {
            Assert.Equal(classifier.Predict(Picture(seed), null, Cancellation).Value.Classes, predictions[seed].Value.Classes);
        }
    }

    [Fact]
    public async Task Predict_BadArguments_Throw()
    {
        var context = new FakePredictorContext();
        var classifier = Create(new FakeImageRunner("N,3,8,8", "N,4"), context);
        _ = Assert.Throws<ArgumentNullException>(() => classifier.Predict(null!, null, Cancellation));
        _ = Assert.Throws<ArgumentOutOfRangeException>(() => classifier.Predict(Picture(1), new() { TopK = 0 }, Cancellation));
        _ = await Assert.ThrowsAsync<ArgumentException>(() => classifier.PredictBatchAsync([null!], null, Cancellation));
        classifier.Dispose();
        _ = Assert.Throws<ObjectDisposedException>(() => classifier.Predict(Picture(1), null, Cancellation));
        Assert.Empty(context.Charges);
    }

    internal static ImageClassifier Create(
        FakeImageRunner runner, FakePredictorContext context, string config = Config, string[]? labels = null, ScoreFunction? scores = null) =>
        new(runner, "model", new ImageClassifierSettings(ImagePreprocessorTests.Parse(config), new(labels ?? (runner.Classes == 1 ? null : Labels), scores)), context);

    private static ImageInput Picture(int seed) => ImageInput.FromPixels(RandomPictures.Noise(24, 24, 3, seed), 24, 24, PixelFormat.Rgb24, 72);

    private static float ScoreFunctionOf(ImageClassifier classifier, ScoreFunction? scores) =>
        classifier.Predict(Picture(1), new() { Scores = scores }, Cancellation).Value.Top.Score;
}
