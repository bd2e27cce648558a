using Coffer.Inference;

namespace Coffer.Remote;

/// <summary>A graph of the model by its name on the server.</summary>
/// <param name="Name">The model's name on the server.</param>
public sealed record OpenInferenceModel(string Name)
{
    /// <summary>The graph's name in the bundle. Default <c>model</c>.</summary>
    public string Graph { get; init; } = "model";

    /// <summary>The version on the server. Default null: the server's choice.</summary>
    public string? Version { get; init; }

    /// <summary>
    /// What the graph takes and gives, as <see cref="IModelRunner.Describe"/> of a local runner says it. Default null: asked from the server
    /// when connecting. With it, connecting needs no server, and the names of free dimensions are known. Its graph's name, target
    /// and capabilities don't matter.
    /// </summary>
    public ModelSignature? Signature { get; init; }

    internal string Path => Version is null ? $"v2/models/{Uri.EscapeDataString(Name)}" : $"v2/models/{Uri.EscapeDataString(Name)}/versions/{Uri.EscapeDataString(Version)}";
}
