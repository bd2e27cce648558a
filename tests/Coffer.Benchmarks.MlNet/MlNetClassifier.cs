using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Coffer.Benchmarks;

/// <summary>
/// The peer: ML.NET classifies a picture in a file with the same model. Its pixel extractor takes one mean and one deviation
/// for all channels: a little less work than Coffer does, which takes one a channel.
/// </summary>
internal sealed class MlNetClassifier : IDisposable
{
    private const float White = 255;

    private readonly PredictionEngine<Picture, Scores> _engine;

    public MlNetClassifier(string model, string input, string output, int edge, float mean, float deviation)
    {
        var ml = new MLContext();
        var pipeline = ml.Transforms.LoadImages("picture", "", nameof(Picture.Path))
            .Append(ml.Transforms.ResizeImages("picture", edge, edge, "picture", ImageResizingEstimator.ResizingKind.IsoCrop))
            .Append(ml.Transforms.ExtractPixels(input, "picture", offsetImage: mean * White, scaleImage: 1 / (deviation * White)))
            .Append(ml.Transforms.ApplyOnnxModel([output], [input], model, new Dictionary<string, int[]> { [input] = [1, 3, edge, edge] }, recursionLimit: 100));
        var fitted = pipeline.Fit(ml.Data.LoadFromEnumerable<Picture>([]));
        var mapping = SchemaDefinition.Create(typeof(Scores));
        mapping[nameof(Scores.Values)].ColumnName = output;
        _engine = ml.Model.CreatePredictionEngine<Picture, Scores>(fitted, outputSchemaDefinition: mapping);
    }

    /// <summary>The index of the class with the highest score.</summary>
    public int Classify(string path)
    {
        var scores = _engine.Predict(new Picture { Path = path }).Values;
        return Array.IndexOf(scores, scores.Max());
    }

    public void Dispose() => _engine.Dispose();

    private sealed class Picture
    {
        public string Path { get; set; } = "";
    }

    private sealed class Scores
    {
        public float[] Values { get; set; } = [];
    }
}
