using System.Text.Json;

namespace Coffer.Bundles;

/// <summary>Writes the claims of a license as <see cref="LicenseClaimsReader"/> reads them.</summary>
internal static class LicenseClaimsWriter
{
    public static ReadOnlySpan<byte> Write(LicenseClaims claims) => StrictJson.Write(writer => Write(writer, claims)).WrittenSpan;

    private static void Write(Utf8JsonWriter writer, LicenseClaims claims)
    {
        writer.WriteStartObject();
        writer.WriteString(ClaimNames.Issuer, claims.Issuer);
        writer.WriteString(ClaimNames.Subject, claims.Licensee);
        Text(writer, ClaimNames.Audience, claims.Audience);
        writer.WriteString(ClaimNames.TokenId, claims.TokenId);
        writer.WriteString(ClaimNames.LicenseId, claims.LicenseId);
        writer.WriteNumber(ClaimNames.Sequence, claims.Sequence);
        Time(writer, ClaimNames.IssuedAt, claims.IssuedAt);
        Time(writer, ClaimNames.NotBefore, claims.NotBefore);
        Time(writer, ClaimNames.Expires, claims.Expires);
        if (claims.Device is not null)
        {
            writer.WriteStartObject(ClaimNames.Confirmation);
            writer.WriteString("jkt", claims.Device);
            Text(writer, "ledger", claims.Ledger);
            writer.WriteEndObject();
        }

        List(writer, ClaimNames.Models, claims.Models, Model);
        List(writer, ClaimNames.Keys, claims.Keys, Key);
        List(writer, ClaimNames.Tasks, claims.Tasks, static (w, task) => w.WriteStringValue(task));
        List(writer, ClaimNames.Targets, claims.Targets, static (w, target) => w.WriteStringValue(target == ExecutionTarget.Local ? "local" : "remote"));
        List(writer, ClaimNames.Providers, claims.Providers, static (w, provider) => w.WriteStringValue(provider));
        Quota(writer, claims);
        Terms(writer, claims);
        Text(writer, ClaimNames.MinSdk, claims.MinSdk?.ToString());
        writer.WriteEndObject();
    }

    private static void Quota(Utf8JsonWriter writer, LicenseClaims claims)
    {
        if (claims.CountsCalls)
        {
            writer.WriteStartObject(ClaimNames.Quota);
            Number(writer, "calls", claims.Calls);
            Number(writer, "window", Seconds(claims.Window));
            Number(writer, "concurrent", claims.Concurrent);
            writer.WriteEndObject();
        }
    }

    private static void Terms(Utf8JsonWriter writer, LicenseClaims claims)
    {
        if (claims.Offline is { } offline)
        {
            writer.WriteStartObject(ClaimNames.Offline);
            Number(writer, "max", Seconds(offline.Max));
            Number(writer, "grace", Seconds(offline.Grace));
            writer.WriteEndObject();
        }

        if (claims.Status is { } status)
        {
            writer.WriteStartObject(ClaimNames.Status);
            writer.WriteString("uri", status.Uri);
            writer.WriteNumber("idx", status.Index);
            writer.WriteEndObject();
        }

        if (claims.Remote is { } remote)
        {
            writer.WriteStartObject(ClaimNames.Remote);
            List(writer, "endpoints", remote.Endpoints, static (w, endpoint) => w.WriteStringValue(endpoint));
            List(writer, "desensitise", remote.Desensitise, static (w, kind) => w.WriteStringValue(kind));
            writer.WriteEndObject();
        }

        if (claims.Delegate is { } to)
        {
            writer.WriteStartObject(ClaimNames.Delegate);
            writer.WritePropertyName("jwk");
            to.Key.WithoutUse().WriteTo(writer);
            writer.WriteNumber("depth", to.Depth);
            writer.WriteEndObject();
        }

        Text(writer, ClaimNames.Previous, claims.Previous);
        Text(writer, ClaimNames.Watermark, claims.Watermark);
    }

    private static void Model(Utf8JsonWriter writer, LicensedModel model)
    {
        writer.WriteStartObject();
        writer.WriteString("id", model.Id);
        writer.WriteString("version", model.Versions.ToString());
        Text(writer, "digest", model.ManifestDigest);
        writer.WriteEndObject();
    }

    private static void Key(Utf8JsonWriter writer, LicensedKey key)
    {
        writer.WriteStartObject();
        writer.WriteString("kid", key.KeyId);
        writer.WriteString("group", KeyGroupName.Of(key.Group));
        writer.WriteString("jwe", key.Jwe);
        writer.WriteEndObject();
    }

    private static void List<T>(Utf8JsonWriter writer, string name, IReadOnlyList<T> items, Action<Utf8JsonWriter, T> write)
    {
        writer.WriteStartArray(name);
        foreach (var item in items)
        {
            write(writer, item);
        }

        writer.WriteEndArray();
    }

    private static void Text(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }

    private static void Number(Utf8JsonWriter writer, string name, long? value)
    {
        if (value is { } number)
        {
            writer.WriteNumber(name, number);
        }
    }

    private static long? Seconds(TimeSpan? span) => span is { } value ? (long)value.TotalSeconds : null;

    private static void Time(Utf8JsonWriter writer, string name, DateTimeOffset? value)
    {
        if (value is { } time)
        {
            writer.WriteNumber(name, time.ToUnixTimeSeconds());
        }
    }
}
