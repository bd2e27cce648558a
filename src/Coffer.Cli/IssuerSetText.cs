using System.Text.Json;
using Coffer.Bundles;

namespace Coffer.Cli;

/// <summary>An issuer set file, for people and for programs.</summary>
internal static class IssuerSetText
{
    public static void Write(Output output, IssuerSetFile file, DateTimeOffset now)
    {
        var newest = file.Newest;
        var width = newest.Issuers.Select(issuer => issuer.Name.Length).DefaultIfEmpty().Max();
        output.Fields(
            ("Publisher", newest.Publisher),
            ("Version", $"{newest.Version}, {(file.Versions.Count == 1 ? "the only one in the file" : $"the newest of {file.Versions.Count} in the file")}"),
            ("Issued", Text.Of(newest.IssuedAt)),
            ("Valid", newest.Expires is { } expires ? $"until {Text.Of(expires)}{(now >= expires ? " (expired)" : "")}" : "without end"));
        List(output, "Issuers, whose licenses count:", [.. newest.Issuers.Select(issuer => $"{issuer.Name.PadRight(width)}  {issuer.Key}")], "none");
        List(output, "Certificates that sign bundles, by SHA-256:", newest.Signers ?? [], "any under the publisher's roots");
        List(output, "Keys that may sign the next version:", [.. newest.Keys.Select(key => $"{key}")], "none");
    }

    /// <summary>The members <c>publisher</c> and <c>versions</c>.</summary>
    public static void WriteVersions(Utf8JsonWriter json, IssuerSetFile file)
    {
        json.WriteString("publisher", file.Publisher);
        json.WriteStartArray("versions");
        foreach (var version in file.Versions)
        {
            WriteVersion(json, version);
        }

        json.WriteEndArray();
    }

    private static void List(Output output, string title, IReadOnlyList<string> items, string none)
    {
        output.Line();
        output.Line(title);
        foreach (var item in items.DefaultIfEmpty(none))
        {
            output.Line($"  {item}");
        }
    }

    private static void WriteVersion(Utf8JsonWriter json, IssuerSetClaims version)
    {
        json.WriteStartObject();
        json.WriteNumber("version", version.Version);
        json.WriteString("issuedAt", Text.Stamp(version.IssuedAt));
        json.WriteString("expires", version.Expires is { } expires ? Text.Stamp(expires) : null);
        json.WriteStartArray("issuers");
        foreach (var issuer in version.Issuers)
        {
            json.WriteStartObject();
            json.WriteString("name", issuer.Name);
            json.WriteString("thumbprint", issuer.Key.Thumbprint);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (version.Signers is { } signers)
        {
            WriteStrings(json, "signers", signers);
        }
        else
        {
            json.WriteNull("signers");
        }

        WriteStrings(json, "keys", version.Keys.Select(key => key.Thumbprint));
        json.WriteEndObject();
    }

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
