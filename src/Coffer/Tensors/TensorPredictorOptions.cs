namespace Coffer.Tensors;

/// <summary>How tensors are predicted. Immutable.</summary>
public sealed record TensorPredictorOptions
{
    /// <summary>The defaults.</summary>
    public static TensorPredictorOptions Default { get; } = new();

    /// <summary>The graph to run. Default null: the only one; a model with several needs a name.</summary>
    public string? Graph { get; init; }

    /// <summary>The outputs to give. Default null: all. At least one.</summary>
    public IReadOnlyList<string>? Outputs { get; init; }

    internal void Validate()
    {
        if (Outputs is { Count: 0 })
        {
            throw new ArgumentException($"{nameof(Outputs)} names none. Leave it null for all outputs.", nameof(Outputs));
        }
    }
}
