using Coffer.Inference;

namespace Coffer.Remote;

/// <summary>A graph of the model by its name on the server.</summary>
/// <param name="Name">The model's name on the server.</param>
public sealed record TensorFlowServingModel(string Name)
{
    /// <summary>The graph's name in the bundle. Default <c>model</c>.</summary>
    public string Graph { get; init; } = "model";

    /// <summary>The version on the server. Default null: the newest, or the one with the <see cref="Label"/>.</summary>
    public long? Version { get; init; }

    /// <summary>The version's label, for example <c>stable</c>. Default null. Not together with <see cref="Version"/>.</summary>
    public string? Label { get; init; }

    /// <summary>The name of the saved model's signature. Default <c>serving_default</c>.</summary>
    public string SignatureName { get; init; } = "serving_default";

    /// <summary>
    /// What the graph takes and gives, as <see cref="IModelRunner.Describe"/> of a local runner says it. Default null: asked from the server
    /// when connecting, in the order in which the server lists it. With it, connecting needs no server. Its graph's name, target and
    /// capabilities don't matter.
    /// </summary>
    public ModelSignature? Signature { get; init; }

    internal string Path
    {
        get
        {
            var path = $"v1/models/{Uri.EscapeDataString(Name)}";
            return Version is { } version ? $"{path}/versions/{version}" : Label is { } label ? $"{path}/labels/{Uri.EscapeDataString(label)}" : path;
        }
    }

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(Name);
        ArgumentException.ThrowIfNullOrEmpty(Graph);
        ArgumentException.ThrowIfNullOrEmpty(SignatureName);
        if (Version is not null && Label is not null)
        {
            throw new ArgumentException($"Model '{Name}' has a version and a label: name one of them.", nameof(Label));
        }
    }
}
