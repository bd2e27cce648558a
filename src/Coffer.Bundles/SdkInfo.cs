namespace Coffer.Bundles;

/// <summary>The version of this SDK, which a bundle's <c>minSdk</c> and a license's <c>min_sdk</c> are compared with.</summary>
internal static class SdkInfo
{
    public static SemanticVersion Version { get; } =
        SemanticVersion.Parse(typeof(SdkInfo).Assembly.GetName().Version!.ToString(3));

    /// <summary>No clock that is right is behind it. Raised with every release; not the build's own time, so that builds are reproducible.</summary>
    public static DateTimeOffset Released { get; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
}
