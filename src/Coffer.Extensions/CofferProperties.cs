namespace Coffer.Extensions;

/// <summary>The names of the additional properties of chat responses and embeddings. All values are texts.</summary>
public static class CofferProperties
{
    /// <summary>The license's mark, to be kept with the output where its licensee must. Missing where the license has none; in a stream, with the last update.</summary>
    public const string Watermark = "coffer.watermark";

    /// <summary>The digest of the bundle's manifest, lowercase hex: which model answered. Not in a stream.</summary>
    public const string ModelDigest = "coffer.model.digest";

    /// <summary>What it ran on, for example <c>CPU</c>. Not in a stream.</summary>
    public const string ExecutionProvider = "coffer.execution_provider";

    /// <summary>Where it was made: <c>Local</c> or <c>Remote</c>. Not in a stream.</summary>
    public const string Target = "coffer.target";
}
