using System.Text.Json;

namespace Coffer.Bundles;

/// <summary>What a status register's file holds, and how it becomes a list.</summary>
internal sealed class StatusRegisterContent
{
    public const int MaxLength = 16 << 20;

    // Fewer would say how many licenses an issuer has; a list of this size deflates to a few bytes.
    private const int MinStatuses = 1024;

    public required string Uri { get; init; }

    public long Next { get; set; }

    public SortedSet<long> Revoked { get; init; } = [];

    public SortedSet<long> Suspended { get; init; } = [];

    public SortedSet<string> Devices { get; init; } = new(StringComparer.Ordinal);

    public SortedSet<string> Manifests { get; init; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, DateTimeOffset?> Signers { get; init; } = new(StringComparer.Ordinal);

    /// <exception cref="ArgumentOutOfRangeException">No license has that place.</exception>
    public bool Known(long index) =>
        index >= 0 && index < Next ? true : throw new ArgumentOutOfRangeException(nameof(index), $"No license has the index {index}; this issuer has given out {Next}.");

    public static StatusRegisterContent Read(JsonElement json) => new()
    {
        Uri = json.GetProperty("uri").GetString()!,
        Next = json.GetProperty("next").GetInt64(),
        Revoked = [.. json.GetProperty("revoked").EnumerateArray().Select(item => item.GetInt64())],
        Suspended = [.. json.GetProperty("suspended").EnumerateArray().Select(item => item.GetInt64())],
        Devices = new(json.GetProperty("devices").EnumerateArray().Select(item => item.GetString()!), StringComparer.Ordinal),
        Manifests = new(json.GetProperty("manifests").EnumerateArray().Select(item => item.GetString()!), StringComparer.Ordinal),
        Signers = new(
            json.GetProperty("signers").EnumerateArray().ToDictionary(
                item => item.GetProperty("sha256").GetString()!,
                item => item.TryGetProperty("after", out var after) ? DateTimeOffset.FromUnixTimeSeconds(after.GetInt64()) : (DateTimeOffset?)null),
            StringComparer.Ordinal),
    };

    public byte[] ToBytes() => [.. StrictJson.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("uri", Uri);
        writer.WriteNumber("next", Next);
        Array(writer, "revoked", Revoked, writer.WriteNumberValue);
        Array(writer, "suspended", Suspended, writer.WriteNumberValue);
        WriteOutright(writer);
        writer.WriteEndObject();
    }).WrittenSpan, (byte)'\n'];

    /// <summary>The claims of the list (draft-ietf-oauth-status-list, §5.1), and what it revokes outright.</summary>
    public byte[] ToClaims(string issuer, DateTimeOffset now, DateTimeOffset? expires)
    {
        var bits = Suspended.Count > 0 ? 2 : 1;
        return StrictJson.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("iss", issuer);
            writer.WriteString("sub", Uri);
            writer.WriteNumber("iat", now.ToUnixTimeSeconds());
            if (expires is { } end)
            {
                writer.WriteNumber("exp", end.ToUnixTimeSeconds());
            }

            writer.WriteStartObject("status_list");
            writer.WriteNumber("bits", bits);
            writer.WriteString("lst", Base64UrlStrict.Encode(StatusList.Deflate(Statuses(bits))));
            writer.WriteEndObject();
            WriteOutright(writer);
            writer.WriteEndObject();
        }).WrittenSpan.ToArray();
    }

    private byte[] Statuses(int bits)
    {
        var perByte = 8 / bits;
        var statuses = new byte[(Math.Max(Next, MinStatuses) + perByte - 1) / perByte];
        Set(Revoked, 1);
        Set(Suspended, 2);
        return statuses;

        void Set(IEnumerable<long> indices, int status)
        {
            foreach (var index in indices)
            {
                statuses[index / perByte] |= (byte)(status << (int)(index % perByte * bits));
            }
        }
    }

    private void WriteOutright(Utf8JsonWriter writer)
    {
        Array(writer, "devices", Devices, writer.WriteStringValue);
        Array(writer, "manifests", Manifests, writer.WriteStringValue);
        writer.WriteStartArray("signers");
        foreach (var (digest, after) in Signers)
        {
            writer.WriteStartObject();
            writer.WriteString("sha256", digest);
            if (after is { } time)
            {
                writer.WriteNumber("after", time.ToUnixTimeSeconds());
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Array<T>(Utf8JsonWriter writer, string name, IEnumerable<T> items, Action<T> write)
    {
        writer.WriteStartArray(name);
        foreach (var item in items)
        {
            write(item);
        }

        writer.WriteEndArray();
    }
}
