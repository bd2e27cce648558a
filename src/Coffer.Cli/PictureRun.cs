using Coffer.Inference;
using Coffer.Vision;

namespace Coffer.Cli;

/// <summary>Classifies pictures one after the other: a picture that can't be read is reported, and the others go on.</summary>
internal sealed class PictureRun(ProtectedModel model, Output output)
{
    /// <returns>The exit code: <see cref="ExitCodes.Usage"/> if a picture could not be read.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> pictures, int topK, CancellationToken cancellationToken)
    {
        if (model.Manifest.Task == ModelTasks.Tensors)
        {
            throw new FormatException($"{model.Manifest.Id} takes tensors, not pictures or texts: {RunText.Inputs(model.CreateTensorPredictor().Describe())}. Give each with --input name=file.npy.");
        }

        using var classifier = model.CreateImageClassifier();
        var options = new ImageClassifierOptions { TopK = topK };
        var results = new List<(string Path, Prediction<ImageClassification> Prediction)>();
        var code = ExitCodes.Ok;
        try
        {
            foreach (var path in pictures)
            {
                try
                {
                    results.Add((path, await classifier.PredictAsync(ImageInput.FromFile(path), options, cancellationToken)));
                }
                catch (InputException e)
                {
                    var failure = Failure.Of(e)!;
                    output.Fail(failure with { Message = $"{path}: {failure.Message}" });
                    code = failure.ExitCode;
                }
            }
        }
        finally
        {
            // Also when the license's calls run out in the middle: what was paid for is shown.
            Write(results);
        }

        return code;
    }

    private void Write(List<(string Path, Prediction<ImageClassification> Prediction)> results)
    {
        if (results.Count == 0)
        {
            return;
        }

        if (output.IsJson)
        {
            WriteJson(results);
        }
        else
        {
            WriteText(results);
        }

        RunText.NoteFallback(output, results[0].Prediction.ExecutionProvider, results[0].Prediction.Fallback);
    }

    private void WriteText(List<(string Path, Prediction<ImageClassification> Prediction)> results)
    {
        var rows = new List<string[]>();
        var names = NamesOf([.. results.Select(result => result.Path)]);
        foreach (var (name, (_, prediction)) in names.Zip(results))
        {
            rows.AddRange(prediction.Value.Classes.Select((score, rank) => new[] { rank == 0 ? name : "", score.Label, RunText.Score(score.Score, prediction.Value.Classes) }));
        }

        var scoreWidth = rows.Max(row => row[2].Length);
        output.Table([.. rows.Select(row => new[] { row[0], row[1], row[2].PadLeft(scoreWidth) })]);
    }

    private void WriteJson(List<(string Path, Prediction<ImageClassification> Prediction)> results) => output.Json(json =>
    {
        json.WriteStartObject();
        ManifestText.WriteModel(json, model.Manifest, model.ManifestDigest);
        json.WriteStartArray("results");
        foreach (var (path, prediction) in results)
        {
            json.WriteStartObject();
            json.WriteString("input", path);
            RunText.WriteClasses(json, prediction.Value.Classes);
            RunText.WriteWhere(json, prediction.Target, prediction.ExecutionProvider, prediction.Fallback, prediction.Duration);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    // File names are enough where they differ.
    private static string[] NamesOf(string[] paths)
    {
        string[] names = [.. paths.Select(path => Path.GetFileName(path))];
        return names.Distinct(StringComparer.Ordinal).Count() == names.Length ? names : paths;
    }
}
