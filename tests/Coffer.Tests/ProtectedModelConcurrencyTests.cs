using System.Collections.Concurrent;
using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Tests.Onnx;
using Coffer.Vision;

namespace Coffer.Tests;

/// <summary>One predictor and many threads: the same numbers, the same charges, and an end that frees everything.</summary>
public sealed class ProtectedModelConcurrencyTests : IDisposable
{
    private const int Threads = 32;

    private static readonly string[] Pictures = Directory.GetFiles(Path.Combine(TestVendor.Digits, "pictures"), "*.png");

    private readonly TestVendor _vendor = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _vendor.Dispose();

    [Fact]
    public async Task Predict_32ThreadsAtOnce_GivesTheNumbersOfOne()
    {
        using var model = await _vendor.OpenAsync();
        using var classifier = model.CreateImageClassifier();

        var (alone, together) = Compare(classifier);

        Assert.All(together, result => Assert.Equal(alone[result.Picture].Classes, result.Value.Classes));
    }

    [Fact]
    public async Task Predict_32ThreadsInBatches_GivesTheNumbersOfOne()
    {
        using var single = await _vendor.OpenAsync();
        using var reference = single.CreateImageClassifier();
        using var model = await OpenAsync(new BatchingOptions { MaxBatch = 8 });
        using var classifier = model.CreateImageClassifier();
        using var tensors = model.CreateTensorPredictor();
        Assert.True(tensors.Describe().Capabilities.Batches);

        var alone = Pictures.ToDictionary(picture => picture, picture => Classify(reference, picture));
        var (_, together) = Compare(classifier);

        // Another size of a matrix product may round differently.
        Assert.All(together, result => Assert.All(result.Value.Classes, score =>
            Assert.Equal(alone[result.Picture].Classes.Single(other => other.Index == score.Index).Score, score.Score, 1e-4f)));
    }

    [Fact]
    public async Task PredictAsync_ManyInBatches_GivesEachItsOwn()
    {
        using var model = await OpenAsync(new BatchingOptions { MaxBatch = 8 });
        using var classifier = model.CreateImageClassifier();
        var alone = Pictures.ToDictionary(picture => picture, picture => Classify(classifier, picture).Top.Label);

        var together = await Task.WhenAll(Enumerable.Range(0, 100).Select(async i =>
        {
            var picture = Pictures[i % Pictures.Length];
            return (Picture: picture, Prediction: await classifier.PredictAsync(ImageInput.FromFile(picture), cancellationToken: Token));
        }));

        Assert.All(together, result => Assert.Equal(alone[result.Picture], result.Prediction.Value.Top.Label));
    }

    [Fact]
    public async Task Predict_InBatches_IsChargedForEachInput()
    {
        using var model = await OpenAsync(new BatchingOptions { MaxBatch = 8 }, request => request with { Calls = Threads });
        using var classifier = model.CreateImageClassifier();
        var outcomes = new ConcurrentQueue<Exception?>();

        InThreads(_ => outcomes.Enqueue(Record.Exception(() => Classify(classifier, Pictures[0]))), Threads + 5);

        Assert.Equal(Threads, outcomes.Count(outcome => outcome is null));
        Assert.All(outcomes.OfType<Exception>(), outcome => Assert.Equal(LicenseError.QuotaExceeded, Assert.IsType<LicenseException>(outcome).Error));
    }

    [Fact]
    public async Task OpenAsync_BatchingThatMeansNothing_Throws() =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => OpenAsync(new BatchingOptions { MaxBatch = 0 }));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Dispose_CallsInFlight_FinishesThemAndRefusesTheRest(bool batching)
    {
        var bundle = await _vendor.PackAsync();
        var options = _vendor.Options(_vendor.Issue(bundle, request => request with { Calls = 1_000_000, Concurrent = 64 })) with { Batching = batching ? new() : null };
        for (var round = 0; round < 10; round++)
        {
            var model = await ProtectedModel.OpenAsync(bundle, options, Token);
            using var classifier = model.CreateImageClassifier();
            var wrong = new ConcurrentQueue<string>();
            using var busy = new CountdownEvent(8);
            var disposal = Task.Run(
                () =>
                {
                    busy.Wait(Token);
                    model.Dispose();
                    model.Dispose();
                },
                Token);

            InThreads(worker => Work(worker, classifier, busy, wrong), 8);
            await disposal;

            Assert.Empty(wrong);
        }

        static void Work(int worker, ImageClassifier classifier, CountdownEvent busy, ConcurrentQueue<string> wrong)
        {
            var asynchronous = worker % 2 == 0;
            for (var i = 0; ; i++)
            {
                try
                {
                    var input = ImageInput.FromFile(Path.Combine(TestVendor.Digits, "pictures", "seven.png"));
                    var prediction = asynchronous
                        ? classifier.PredictAsync(input, cancellationToken: Token).GetAwaiter().GetResult()
                        : classifier.Predict(input, cancellationToken: Token);
                    if (prediction.Value.Top.Label != "seven")
                    {
                        wrong.Enqueue(prediction.Value.Top.Label);
                    }
                }
                catch (ObjectDisposedException)
                {
                    return;
                }
                catch (Exception e)
                {
                    wrong.Enqueue(e.ToString());
                    return;
                }

                if (i == 0)
                {
                    busy.Signal();
                }
            }
        }
    }

    [Fact]
    public async Task Run_RunnerAndLicenseCheck_AllocateNothing()
    {
        using var model = await _vendor.OpenAsync();
        using var runner = TestGraph.Runner(await File.ReadAllBytesAsync(Path.Combine(TestVendor.Digits, "model.onnx"), Token), new() { IntraOpThreads = 1 });
        var entitlement = model.Entitlement;
        long[] shape = [1, 3, 32, 32];
        var sum = 0f;
        Use(500);

        // Once a second the entitlement looks at time and status again: that may allocate, and is not a call's.
        var least = Enumerable.Range(0, 10).Min(_ => Measure());

        Assert.Equal(0, least);

        long Measure()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Use(20);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        void Use(int times)
        {
            for (var i = 0; i < times; i++)
            {
                using var entitled = entitlement.Begin(ModelTasks.ImageClassification, ExecutionTarget.Local);
                using var call = runner.Rent("model");
                call.Input<float>("pixel_values", shape).Fill(0.5f);
                call.Run(Token);
                sum += call.Output<float>("logits")[3];
            }
        }
    }

    private static (Dictionary<string, ImageClassification> Alone, ConcurrentQueue<(string Picture, ImageClassification Value)> Together) Compare(ImageClassifier classifier)
    {
        var alone = Pictures.ToDictionary(picture => picture, picture => Classify(classifier, picture));
        var together = new ConcurrentQueue<(string, ImageClassification)>();
        using var start = new Barrier(Threads);
        InThreads(
            worker =>
            {
                start.SignalAndWait(Token);
                for (var i = 0; i < 10; i++)
                {
                    var picture = Pictures[(worker + i) % Pictures.Length];
                    together.Enqueue((picture, Classify(classifier, picture)));
                }
            },
            Threads);
        Assert.Equal(10 * Threads, together.Count);
        return (alone, together);
    }

    private static ImageClassification Classify(ImageClassifier classifier, string picture) =>
        classifier.Predict(ImageInput.FromFile(picture), new() { TopK = 10 }, Token).Value;

    private static void InThreads(Action<int> work, int count)
    {
        var failures = new ConcurrentQueue<Exception>();
        var threads = Enumerable.Range(0, count).Select(worker => new Thread(() =>
        {
            if (Record.Exception(() => work(worker)) is { } failure)
            {
                failures.Enqueue(failure);
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.Empty(failures);
    }

    private async Task<ProtectedModel> OpenAsync(BatchingOptions batching, Func<LicenseRequest, LicenseRequest>? edit = null)
    {
        var bundle = await _vendor.PackAsync();
        return await ProtectedModel.OpenAsync(bundle, _vendor.Options(_vendor.Issue(bundle, edit)) with { Batching = batching }, Token);
    }
}
