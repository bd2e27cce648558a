namespace Coffer.Server;

/// <summary>A bundle to serve.</summary>
/// <param name="Path">The bundle's file.</param>
/// <param name="Options">Trust, license, device and how to run it; <see cref="ModelOptions.Batching"/> collects concurrent requests into
/// one run.</param>
public sealed record BundleSource(string Path, ModelOptions Options)
{
    /// <summary>The file; what opens it stays out of texts.</summary>
    public override string ToString() => $"BundleSource {Path}";
}
