using Coffer.Bundles;

namespace Coffer.Server;

/// <summary>A bundle that the server was told to serve, open or not.</summary>
/// <param name="source">Opens it again; null for a model that came open.</param>
internal sealed class CatalogEntry(BundleSource? source)
{
    public BundleSource? Source { get; } = source;

    /// <summary>The model's name; before it is open, as its file says.</summary>
    public required string Name { get; set; }

    public required SemanticVersion Version { get; set; }

    public required long Sequence { get; set; }

    /// <summary>Null unless it is ready.</summary>
    public ServedModel? Model { get; set; }

    public ModelState State { get; set; } = ModelState.Loading;

    /// <summary>Why it is not ready, for callers.</summary>
    public string Reason { get; set; } = "";
}
