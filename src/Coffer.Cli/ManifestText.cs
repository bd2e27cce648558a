using System.Text.Json;
using Coffer.Bundles;

namespace Coffer.Cli;

/// <summary>A manifest and its signature, for people and for programs.</summary>
internal static class ManifestText
{
    public static void Write(Output output, BundleManifest manifest, string digest, long length, BundleSignature signature)
    {
        output.Fields(
            ("Model", $"{manifest.Id} {manifest.Version}"),
            ("Task", manifest.Task),
            ("Publisher", manifest.Publisher),
            ("Signed by", $"{signature.Signer}, {signature.Algorithm}"),
            ("Certificate", $"{signature.CertificateDigest}, {Text.Of(signature.NotBefore)} to {Text.Of(signature.NotAfter)}"),
            ("Digest", digest),
            ("Size", Text.Bytes(length)),
            ("Sequence", $"{manifest.Sequence}"),
            ("Created", Text.Of(manifest.Created)),
            ("Needs", $"Coffer {manifest.MinSdk} or newer{(manifest.TimestampRequired ? ", and a timestamp in the signature" : "")}"),
            ("Keys", string.Join(", ", manifest.KeyIds.Select(key => $"{Name(key.Key)} {key.Value}"))));
    }

    public static void WriteParts(Output output, BundleManifest manifest) => output.Table(
    [
        ["Part", "Keys", "Encrypted"],
        .. manifest.Parts.Select(part => new[] { part.Name, Name(part.Group), Text.Bytes(part.Length) }),
    ]);

    /// <summary>The member <c>model</c>.</summary>
    public static void WriteModel(Utf8JsonWriter json, BundleManifest manifest, string digest)
    {
        json.WriteStartObject("model");
        json.WriteString("id", manifest.Id);
        json.WriteString("version", manifest.Version.ToString());
        json.WriteString("task", manifest.Task);
        json.WriteString("publisher", manifest.Publisher);
        json.WriteNumber("sequence", manifest.Sequence);
        json.WriteString("created", Text.Stamp(manifest.Created));
        json.WriteString("minSdk", manifest.MinSdk.ToString());
        json.WriteBoolean("timestampRequired", manifest.TimestampRequired);
        json.WriteString("digest", digest);
        json.WriteEndObject();
    }

    /// <summary>The members <c>signature</c>, <c>keys</c> and <c>parts</c>.</summary>
    public static void WriteDetails(Utf8JsonWriter json, BundleManifest manifest, BundleSignature signature)
    {
        json.WriteStartObject("signature");
        json.WriteString("signer", signature.Signer);
        json.WriteString("algorithm", signature.Algorithm);
        json.WriteString("certificateSha256", signature.CertificateDigest);
        json.WriteString("notBefore", Text.Stamp(signature.NotBefore));
        json.WriteString("notAfter", Text.Stamp(signature.NotAfter));
        json.WriteEndObject();

        json.WriteStartObject("keys");
        foreach (var (group, id) in manifest.KeyIds)
        {
            json.WriteString(Name(group), id);
        }

        json.WriteEndObject();

        json.WriteStartArray("parts");
        foreach (var part in manifest.Parts)
        {
            json.WriteStartObject();
            json.WriteString("name", part.Name);
            json.WriteString("keys", Name(part.Group));
            json.WriteNumber("offset", part.Offset);
            json.WriteNumber("length", part.Length);
            json.WriteString("digest", Convert.ToHexStringLower(part.Digest.Span));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>As manifests and licenses write it.</summary>
    public static string Name(PartGroup group) => group == PartGroup.Settings ? "settings" : "weights";
}
