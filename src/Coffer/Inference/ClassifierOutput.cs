using System.Buffers;
using System.Globalization;

namespace Coffer.Inference;

/// <summary>Reads a classifier's output: which it is, how logits become scores, and what the classes are called.</summary>
internal sealed class ClassifierOutput
{
    private readonly TensorDescription _output;
    private readonly IReadOnlyList<string>? _labels;
    private readonly ScoreFunction? _scores;

    /// <exception cref="InferenceException">Graph and settings don't fit each other (<see cref="InferenceError.InvalidSettings"/>).</exception>
    public ClassifierOutput(ModelSignature signature, ClassifierConfig config)
    {
        _labels = config.Labels;
        _scores = config.Scores;
        _output = signature.Outputs.FirstOrDefault(output => output.Name == "logits")
            ?? (signature.Outputs.Count == 1 ? signature.Outputs[0] : throw Invalid($"has {signature.Outputs.Count} outputs and none is named logits"));
        if (_output.ElementType is not (ElementType.Float32 or ElementType.Float16))
        {
            throw Invalid($"gives {_output}, which is neither float32 nor float16");
        }

        if (_output.Dimensions.Count < 2 || _output.Dimensions.Skip(2).Any(dimension => !dimension.Allows(1)))
        {
            throw Invalid($"gives {_output}, which is not one number a class: [batch, classes]");
        }

        if (_output.Dimensions[1].Size is { } classes)
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
        var shape = call.OutputShape(_output.Name);
        if (shape.Length < 2 || shape[0] <= slot || shape[1] < 1 || shape[2..].ContainsAnyExcept(1))
        {
            throw new InferenceException(
                InferenceError.RunFailed, $"The model gave an output of shape [{string.Join(", ", shape.ToArray())}] where [batch, classes] was expected. Check the exported graph.");
        }

        CheckLabels(shape[1]);
        var count = checked((int)shape[1]);
        var rented = ArrayPool<float>.Shared.Rent(count);
        try
        {
            var scores = rented.AsSpan(0, count);
            CopyLogits(call, slot * count, scores);
            ClassScores.Apply(function ?? _scores ?? (count == 1 ? ScoreFunction.Sigmoid : ScoreFunction.Softmax), scores);
            return ClassScores.Best(scores, Math.Min(topK, count), Label);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }
    }

    private void CopyLogits(IModelCall call, int start, Span<float> scores)
    {
        if (_output.ElementType == ElementType.Float32)
        {
            call.Output<float>(_output.Name).Slice(start, scores.Length).CopyTo(scores);
            return;
        }

        var logits = call.Output<Half>(_output.Name).Slice(start, scores.Length);
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] = (float)logits[i];
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

    private static InferenceException Invalid(string what) => new(InferenceError.InvalidSettings, $"The model's graph {what}. Export it as a classifier and pack it again.");
}
