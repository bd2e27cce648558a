namespace Coffer.Bundles;

/// <summary>
/// A key group: parts of one group are encrypted under one content key. A license that carries only
/// <see cref="Settings"/> lets a device prepare inputs and read outputs while the weights run elsewhere.
/// </summary>
public enum PartGroup
{
    /// <summary>Settings, tokenizers, labels: what pre- and post-processing need. In the manifest: <c>settings</c>.</summary>
    Settings,

    /// <summary>Graphs and weights: the model itself. In the manifest: <c>weights</c>.</summary>
    Weights,
}
