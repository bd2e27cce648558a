namespace Coffer.Bundles;

/// <summary>The version of this SDK, which a bundle's <c>minSdk</c> and a license's <c>min_sdk</c> are compared with.</summary>
internal static class SdkInfo
{
    public static SemanticVersion Version { get; } =
        SemanticVersion.Parse(typeof(SdkInfo).Assembly.GetName().Version!.ToString(3));
}
