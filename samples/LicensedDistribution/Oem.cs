using Coffer.Bundles;

namespace LicensedDistribution;

/// <summary>A delegate: has an issuer key of its own, and of the vendor the license alone.</summary>
internal sealed class Oem(string folder)
{
    public Recipient Recipient { get; } = KeyFolder.CreateIssuer(folder, "oem");

    /// <summary>A license below the one that the vendor issued; what it does not say, it takes from there.</summary>
    /// <param name="parent">The vendor's license.</param>
    /// <param name="device">For whom.</param>
    /// <param name="calls">How many calls.</param>
    /// <param name="renews">A license to replace, whose usage is kept; null for none.</param>
    public string Narrow(VerifiedLicense parent, Recipient device, long calls, VerifiedLicense? renews = null)
    {
        var request = LicenseRequest.Under(parent, device, "line-4") with
        {
            Calls = calls,
            Expires = TimeProvider.System.GetUtcNow().AddDays(30),
        };
        if (renews is not null)
        {
            var renewal = LicenseRequest.Renewal(renews, device);
            request = request with { LicenseId = renewal.LicenseId, Sequence = renewal.Sequence };
        }

        using var key = KeyFile.Load(Path.Combine(folder, "issuer.key"));
        return new LicenseIssuer("oem", key).Narrow(parent, request);
    }
}
