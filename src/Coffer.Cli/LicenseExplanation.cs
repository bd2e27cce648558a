using System.Text.Json;
using Coffer.Bundles;

namespace Coffer.Cli;

/// <summary>Everything that <c>coffer license show</c> found out.</summary>
/// <param name="Path">The license's file.</param>
/// <param name="License">What it says.</param>
internal sealed record LicenseExplanation(string Path, License License)
{
    /// <summary>Where the trust anchors are; null where nothing was to be verified.</summary>
    public string? TrustPath { get; init; }

    /// <summary>Whether the signatures hold; of no meaning without trust anchors.</summary>
    public bool IsVerified { get; init; } = true;

    /// <summary>What was used on this device; null where that was not asked.</summary>
    public UsageOnDevice? Usage { get; init; }

    /// <summary>The bundle that is to open; null where that was not asked.</summary>
    public string? BundlePath { get; init; }

    /// <summary>Why it is refused; null where it is not, or nothing was asked.</summary>
    public LicenseException? Refusal { get; init; }

    public void WriteTo(Output output, DateTimeOffset now)
    {
        output.Line(TrustPath is null
            ? $"{Path}: nothing was verified. This is what the file says of itself; opening a model with it checks it."
            : IsVerified
                ? $"{Path}: the signatures hold. '{License.Chain[0].Issuer}' is a license issuer in {TrustPath}{(License.Chain.Count > 1 ? ", and each token was signed by whom the one above it names" : "")}."
                : $"{Path}: the signatures do not hold. This is what the file says of itself.");
        output.Line();
        LicenseText.Write(output, License, now);
        if (Usage is not null)
        {
            output.Line();
            Usage.WriteTo(output, License.Claims, now);
        }

        if (Refusal is not null)
        {
            output.Line();
            output.Line($"{(BundlePath is null ? "It is refused" : $"{BundlePath} does not open with it now")} ({Refusal.Error}): {Refusal.Message}");
        }
        else if (BundlePath is not null)
        {
            output.Line();
            output.Line($"{BundlePath} opens with it now, on this device.");
        }
    }

    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("file", Path);
        json.WriteBoolean("verified", TrustPath is not null && IsVerified);
        LicenseJson.WriteClaims(json, License.Claims);
        LicenseJson.WriteChain(json, License);
        Usage?.WriteTo(json);
        if (BundlePath is not null)
        {
            json.WriteString("bundle", BundlePath);
            json.WriteBoolean("opens", Refusal is null);
        }

        if (Refusal is not null)
        {
            json.WriteStartObject("refusal");
            json.WriteString("error", $"{Refusal.Error}");
            json.WriteString("message", Refusal.Message);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
