using System.Text.Json;
using Coffer.Bundles;

namespace Coffer.Cli;

/// <summary>A status list, for people and for programs.</summary>
internal static class StatusText
{
    private const int Suspended = 2;

    public static void Write(Output output, StatusList list, DateTimeOffset now)
    {
        var (revoked, suspended) = CountOf(list);
        output.Fields(
            ("Issuer", list.Issuer),
            ("Address", list.Uri),
            ("Issued", $"{Text.Of(list.IssuedAt)} ({Text.FromNow(list.IssuedAt, now)})"),
            ("Fresh until", list.Expires is { } expires ? $"{Text.Of(expires)} ({(expires > now ? Text.FromNow(expires, now) : "over")})" : "a newer one is published"),
            ("Licenses", $"{Text.Count(revoked)} revoked, {Text.Count(suspended)} suspended; room for {Text.Count(list.Count)}"),
            ("Devices", $"{Text.Count(list.Devices.Count)} revoked"),
            ("Signers", $"{Text.Count(list.Signers.Count)} revoked"),
            ("Bundles", $"{Text.Count(list.Manifests.Count)} revoked"));
        foreach (var item in list.Devices.Select(device => $"device {device}")
            .Concat(list.Signers.Select(signer => $"certificate {signer.CertificateDigest}{(signer.After is { } after ? $", for what was signed from {Text.Of(after)} on, or without a timestamp" : "")}"))
            .Concat(list.Manifests.Select(manifest => $"bundle with the manifest {manifest}")))
        {
            output.Line("  " + item);
        }
    }

    /// <summary>The list's members: <c>issuer</c>, <c>uri</c>, times, counts, and what is revoked outright.</summary>
    public static void WriteList(Utf8JsonWriter json, StatusList list)
    {
        var (revoked, suspended) = CountOf(list);
        json.WriteString("issuer", list.Issuer);
        json.WriteString("uri", list.Uri);
        json.WriteString("issuedAt", Text.Stamp(list.IssuedAt));
        json.WriteString("expires", list.Expires is { } expires ? Text.Stamp(expires) : null);
        json.WriteNumber("count", list.Count);
        json.WriteNumber("revoked", revoked);
        json.WriteNumber("suspended", suspended);
        json.WriteStrings("devices", list.Devices);
        json.WriteStartArray("signers");
        foreach (var signer in list.Signers)
        {
            json.WriteStartObject();
            json.WriteString("certificate", signer.CertificateDigest);
            json.WriteString("after", signer.After is { } after ? Text.Stamp(after) : null);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStrings("manifests", list.Manifests);
    }

    // Values that this SDK has no name for refuse a license as a revocation does.
    private static (long Revoked, long Suspended) CountOf(StatusList list)
    {
        var (revoked, suspended) = (0L, 0L);
        for (var index = 0L; index < list.Count; index++)
        {
            var status = list[index];
            suspended += status == Suspended ? 1 : 0;
            revoked += status is not (0 or Suspended) ? 1 : 0;
        }

        return (revoked, suspended);
    }
}
