using System.Text.Json;
using Coffer.Bundles;

namespace Coffer.Cli;

/// <summary>The claims of a license, for people and for programs.</summary>
internal static class LicenseText
{
    /// <summary>In a license: everything.</summary>
    public const string Any = "*";

    /// <summary>The names of targets, as tokens have them.</summary>
    public static readonly IReadOnlyList<(string Word, ExecutionTarget Value)> Targets = [("local", ExecutionTarget.Local), ("remote", ExecutionTarget.Remote)];

    public static void Write(Output output, LicenseClaims claims, DateTimeOffset now) => output.Fields(
        ("Licensee", claims.Licensee),
        ("Model", string.Join(", ", claims.Models.Select(Model))),
        ("Device", claims.Device),
        ("Valid", Validity(claims, now)),
        ("Calls", claims.Calls is { } calls ? $"{Text.Count(calls)} in all; how many are left is in the device's ledger" : "any number"),
        ("Tasks", ListOf(claims.Tasks, "everything")),
        ("Targets", ListOf([.. claims.Targets.Select(Name)], "everywhere")),
        ("Providers", ListOf(claims.Providers, "every one")),
        ("Application", claims.Audience ?? "any"),
        ("Needs", claims.MinSdk is { } sdk ? $"Coffer {sdk} or newer" : null),
        ("Must", claims.Must.Count > 0 ? string.Join(", ", claims.Must) : null),
        ("Refused", claims.NotEnforced.Count > 0 ? $"this version can't enforce {string.Join(", ", claims.NotEnforced)}, so it refuses the license" : null),
        ("Keys", claims.Keys.Count > 0 ? string.Join(", ", claims.Keys.Select(key => $"{ManifestText.Name(key.Group)} {key.KeyId}")) : "none"),
        ("Issuer", claims.Issuer),
        ("License", $"{claims.LicenseId}, number {claims.Sequence}, issued {Text.Of(claims.IssuedAt)}"),
        ("Token", claims.TokenId));

    /// <summary>The member <c>claims</c>, by names rather than by the token's abbreviations.</summary>
    public static void WriteClaims(Utf8JsonWriter json, LicenseClaims claims)
    {
        json.WriteStartObject("claims");
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
        WriteStrings(json, "tasks", claims.Tasks);
        WriteStrings(json, "targets", claims.Targets.Select(Name));
        WriteStrings(json, "providers", claims.Providers);
        if (claims.Calls is { } calls)
        {
            json.WriteNumber("calls", calls);
        }
        else
        {
            json.WriteNull("calls");
        }

        json.WriteString("minSdk", claims.MinSdk?.ToString());
        WriteStrings(json, "must", claims.Must);
        WriteStrings(json, "notEnforced", claims.NotEnforced);
        json.WriteEndObject();
    }

    private static string Model(LicensedModel model) =>
        $"{model.Id} {(model.Versions.Equals(VersionRange.Any) ? "in every version" : model.Versions)}{(model.ManifestDigest is { } digest ? $", manifest {digest}" : "")}";

    private static string Validity(LicenseClaims claims, DateTimeOffset now)
    {
        var from = claims.NotBefore ?? claims.IssuedAt;
        var span = claims.Expires is { } expires ? $"{Text.Of(from)} until {Text.Of(expires)}" : $"{Text.Of(from)}, without end";
        return now < from ? $"{span} (not yet)" : now >= claims.Expires ? $"{span} (expired)" : span;
    }

    private static string ListOf(IReadOnlyList<string> names, string all) =>
        names.Count == 0 ? "none" : names.Contains(Any) ? all : string.Join(", ", names);

    public static string Name(ExecutionTarget target) => Targets.First(name => name.Value == target).Word;

    private static void WriteStrings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }
}
