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
        var run = new InputRun<ImageClassification>(model, output)
        {
            Named = path => path,
            Shown = NamesOf,
            Rows = value => RunText.ClassRows(value.Classes),
            Members = (json, value) => RunText.WriteClasses(json, value.Classes),
        };
        return await run.RunAsync(pictures, path => classifier.PredictAsync(ImageInput.FromFile(path), options, cancellationToken));
    }

    // File names are enough where they differ.
    private static string[] NamesOf(string[] paths)
    {
        string[] names = [.. paths.Select(path => Path.GetFileName(path))];
        return names.Distinct(StringComparer.Ordinal).Count() == names.Length ? names : paths;
    }
}
