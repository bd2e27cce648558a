namespace Coffer.Bundles;

/// <summary>One content key in a license, wrapped to the device.</summary>
/// <param name="KeyId">The id that manifests name.</param>
/// <param name="Group">Which parts it opens.</param>
/// <param name="Jwe">The encrypted key (RFC 7516, compact).</param>
public sealed record LicensedKey(string KeyId, PartGroup Group, string Jwe)
{
    /// <summary>Id and group.</summary>
    public override string ToString() => $"{KeyId} ({Group})";
}
