namespace Coffer.Inference;

/// <summary>The output of a graph that gives one number a class: <c>logits</c>, [batch, classes].</summary>
internal sealed class LogitsOutput
{
    private readonly TensorDescription _output;

    /// <exception cref="InferenceException">The graph has no such output (<see cref="InferenceError.InvalidSettings"/>).</exception>
    public LogitsOutput(ModelSignature signature)
    {
        _output = signature.Outputs.FirstOrDefault(output => output.Name == "logits")
            ?? (signature.Outputs.Count == 1 ? signature.Outputs[0] : throw Invalid($"has {signature.Outputs.Count} outputs and none is named logits"));
        if (!_output.IsFloat())
        {
            throw Invalid($"gives {_output}, which is neither float32 nor float16");
        }

        if (_output.Dimensions.Count < 2 || _output.Dimensions.Skip(2).Any(dimension => !dimension.Allows(1)))
        {
            throw Invalid($"gives {_output}, which is not one number a class: [batch, classes]");
        }
    }

    /// <summary>The number of classes; null where the graph leaves it open.</summary>
    public long? Classes => _output.Dimensions[1].Size;

    /// <summary>The number of classes that a run gave.</summary>
    /// <param name="call">After its run.</param>
    /// <param name="slot">The input's place in the batch.</param>
    /// <exception cref="InferenceException">The output is not one number a class (<see cref="InferenceError.RunFailed"/>).</exception>
    public int Count(IModelCall call, int slot)
    {
        var shape = call.OutputShape(_output.Name);
        return shape.Length >= 2 && shape[0] > slot && shape[1] >= 1 && !shape[2..].ContainsAnyExcept(1)
            ? checked((int)shape[1])
            : throw new InferenceException(
                InferenceError.RunFailed, $"The model gave an output of shape [{string.Join(", ", shape.ToArray())}] where [batch, classes] was expected. Check the exported graph.");
    }

    /// <summary>Copies the logits of one input of a batch.</summary>
    public void Copy(IModelCall call, int slot, Span<float> logits) => call.CopyOutput(_output, slot * logits.Length, logits);

    private static InferenceException Invalid(string what) => new(InferenceError.InvalidSettings, $"The model's graph {what}. Export it as a classifier and pack it again.");
}
