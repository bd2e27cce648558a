using System.Text.Json;
using Coffer.Bundles;

namespace Coffer.Cli;

/// <summary>What a license says, for programs.</summary>
internal static class LicenseJson
{
    /// <summary>The member <c>claims</c>, by names rather than by the token's abbreviations.</summary>
    public static void WriteClaims(Utf8JsonWriter json, LicenseClaims claims)
    {
        json.WriteStartObject("claims");
        WriteMembers(json, claims);
        json.WriteEndObject();
    }

    /// <summary>The member <c>chain</c>: what each token says by itself, the issuer's first.</summary>
    public static void WriteChain(Utf8JsonWriter json, License license)
    {
        json.WriteStartArray("chain");
        foreach (var token in license.Chain)
        {
            json.WriteStartObject();
            WriteMembers(json, token);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteMembers(Utf8JsonWriter json, LicenseClaims claims)
    {
        json.WriteString("issuer", claims.Issuer);
        json.WriteString("licensee", claims.Licensee);
        json.WriteString("audience", claims.Audience);
        json.WriteString("tokenId", claims.TokenId);
        json.WriteString("licenseId", claims.LicenseId);
        json.WriteNumber("sequence", claims.Sequence);
        json.WriteString("issuedAt", Text.Stamp(claims.IssuedAt));
        json.WriteString("notBefore", claims.NotBefore is { } notBefore ? Text.Stamp(notBefore) : null);
        json.WriteString("expires", claims.Expires is { } expires ? Text.Stamp(expires) : null);
        json.WriteString("device", claims.Device);
        json.WriteString("ledger", claims.Ledger);
        json.WriteStartArray("models");
        foreach (var model in claims.Models)
        {
            json.WriteStartObject();
            json.WriteString("id", model.Id);
            json.WriteString("versions", model.Versions.ToString());
            json.WriteString("manifestDigest", model.ManifestDigest);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("keys");
        foreach (var key in claims.Keys)
        {
            json.WriteStartObject();
            json.WriteString("id", key.KeyId);
            json.WriteString("group", ManifestText.Name(key.Group));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStrings("tasks", claims.Tasks);
        json.WriteStrings("targets", claims.Targets.Select(LicenseText.Name));
        json.WriteStrings("providers", claims.Providers);
        json.WriteNumberOrNull("calls", claims.Calls);
        WriteTerms(json, claims);
        json.WriteString("minSdk", claims.MinSdk?.ToString());
        json.WriteStrings("must", claims.Must);
        json.WriteStrings("notEnforced", claims.NotEnforced);
    }

    private static void WriteTerms(Utf8JsonWriter json, LicenseClaims claims)
    {
        json.WriteNumberOrNull("windowSeconds", (long?)claims.Window?.TotalSeconds);
        json.WriteNumberOrNull("concurrent", claims.Concurrent);
        json.WriteNumberOrNull("offlineSeconds", (long?)claims.Offline?.Max.TotalSeconds);
        json.WriteNumberOrNull("graceSeconds", (long?)claims.Offline?.Grace.TotalSeconds);
        json.WriteString("statusUri", claims.Status?.Uri);
        json.WriteNumberOrNull("statusIndex", claims.Status?.Index);
        json.WriteStrings("endpoints", claims.Remote?.Endpoints ?? []);
        json.WriteStrings("desensitise", claims.Remote?.Desensitise ?? []);
        json.WriteString("watermark", claims.Watermark);
        json.WriteString("delegate", claims.Delegate?.Key.Thumbprint);
        json.WriteNumberOrNull("delegationDepth", claims.Delegate?.Depth);
    }
}
