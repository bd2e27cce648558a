using System.Buffers;
using System.Globalization;

namespace Coffer.Inference;

/// <summary>Reads a classifier's output: which it is, how logits become scores, and what the classes are called.</summary>
internal sealed class ClassifierOutput
{
    private readonly LogitsOutput _logits;
    private readonly IReadOnlyList<string>? _labels;
    private readonly ScoreFunction? _scores;

    /// <exception cref="InferenceException">Graph and settings don't fit each other (<see cref="InferenceError.InvalidSettings"/>).</exception>
    public ClassifierOutput(ModelSignature signature, ClassifierConfig config)
    {
        _labels = config.Labels;
        _scores = config.Scores;
        _logits = new LogitsOutput(signature);
        if (_logits.Classes is { } classes)
        {
            CheckLabels(classes);
        }
    }

    /// <summary>Reads the best classes of one input of a batch, best first; of equal scores, the lower index first.</summary>
    /// <param name="call">After its run.</param>
    /// <param name="slot">The input's place in the batch.</param>
    /// <param name="topK">How many classes.</param>
    /// <param name="function">How logits become scores; null for what the model says.</param>
    /// <exception cref="InferenceException">The output is not one number a class, or a score is not a number.</exception>
    public ClassScore[] Read(IModelCall call, int slot, int topK, ScoreFunction? function)
    {
        var count = _logits.Count(call, slot);
        CheckLabels(count);
        var rented = ArrayPool<float>.Shared.Rent(count);
        try
        {
            var scores = rented.AsSpan(0, count);
            _logits.Copy(call, slot, scores);
            ClassScores.Apply(function ?? _scores ?? (count == 1 ? ScoreFunction.Sigmoid : ScoreFunction.Softmax), scores);
            return ClassScores.Best(scores, Math.Min(topK, count), Label);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }
    }

    private string Label(int index) => _labels is null ? index.ToString(CultureInfo.InvariantCulture) : _labels[index];

    private void CheckLabels(long classes)
    {
        if (_labels is not null && _labels.Count != classes)
        {
            throw new InferenceException(
                InferenceError.InvalidSettings, $"The model has {_labels.Count} labels, but its graph gives {classes} classes. Pack it again with one label a class.");
        }
    }
}
