using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Vision;

namespace Hybrid;

/// <summary>Classifies picture after picture, says where each result came from, and insists on it.</summary>
internal sealed class Story(ImageInput[] pictures)
{
    /// <summary>How many calls there were.</summary>
    public int Calls { get; private set; }

    public static void Chapter(string title) => Console.WriteLine($"{title}:");

    public static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new BrokenException($"It does not hold: {what}.");
        }

        Console.WriteLine($"  {what}");
    }

    public async Task ClassifyAsync(HybridPredictor<ImageInput, ImageClassifierOptions, ImageClassification> predictor, ExecutionTarget expected)
    {
        var prediction = await PredictAsync(predictor);
        if (prediction.Target != expected)
        {
            throw new BrokenException($"The result came from {prediction.Target}, and should come from {expected}.");
        }
    }

    /// <summary>An endpoint that was left alone is tried again after a while.</summary>
    public async Task ClassifyUntilAsync(HybridPredictor<ImageInput, ImageClassifierOptions, ImageClassification> predictor, ExecutionTarget expected)
    {
        for (var call = 0; call < 50; call++)
        {
            if ((await PredictAsync(predictor)).Target == expected)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200));
        }

        throw new BrokenException($"No result came from {expected} again.");
    }

    public async Task FailAsync(HybridPredictor<ImageInput, ImageClassifierOptions, ImageClassification> predictor, HybridError expected)
    {
        try
        {
            await PredictAsync(predictor);
        }
        catch (HybridException e) when (e.Error == expected)
        {
            Console.WriteLine($"  no result: {e.Message}");
            return;
        }

        throw new BrokenException("There was a result where there should be none.");
    }

    private async Task<Prediction<ImageClassification>> PredictAsync(HybridPredictor<ImageInput, ImageClassifierOptions, ImageClassification> predictor)
    {
        var picture = pictures[Calls++ % pictures.Length];
        var prediction = await predictor.PredictAsync(picture);
        var place = prediction.Target == ExecutionTarget.Remote ? "from the endpoint" : "on this device";
        Console.WriteLine($"  {prediction.Value.Top.Label,-6} {place}, {prediction.Duration.TotalMilliseconds:F0} ms{(prediction.Fallback is { } fallback ? $"; not {fallback.From}: {fallback.Reason}" : "")}");
        return prediction;
    }

    /// <summary>Something went otherwise than told.</summary>
    internal sealed class BrokenException(string message) : Exception(message);
}
