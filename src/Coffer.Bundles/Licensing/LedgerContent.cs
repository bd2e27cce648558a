using System.Security.Cryptography;
using System.Text.Json;

namespace Coffer.Bundles;

/// <summary>
/// The content of a ledger file: one line of JSON (<c>{"v":1,"id":…,"usage":[{"iss","lid","seq","used"}]}</c>), a line feed,
/// and the HMAC-SHA256 of that line in base64url.
/// </summary>
internal sealed class LedgerContent(string id)
{
    public const int MaxLength = 1 << 20;

    private const int MaxEntries = 1024;
    private const int TagLength = 43;

    private readonly Dictionary<GrantId, LedgerEntry> _entries = [];

    public string Id { get; } = id;

    public LedgerEntry this[GrantId grant]
    {
        get => _entries.GetValueOrDefault(grant);
        set
        {
            if (_entries.Count >= MaxEntries && !_entries.ContainsKey(grant))
            {
                throw new LicenseException(LicenseError.LedgerFull, $"This device's ledger already counts {MaxEntries} licenses, which is all that it can. Make a new device key and have the licenses in use issued to it.");
            }

            _entries[grant] = value;
        }
    }

    /// <exception cref="FormatException">Not a ledger that this key wrote.</exception>
    public static LedgerContent Parse(ReadOnlyMemory<byte> content, ReadOnlySpan<byte> key)
    {
        var length = content.Length - TagLength - 1;
        Span<byte> tag = stackalloc byte[SHA256.HashSizeInBytes];
        if (length < 0
            || content.Span[length] != '\n'
            || !Base64UrlStrict.TryDecode(content.Span[(length + 1)..], tag, out _)
            || !CryptographicOperations.FixedTimeEquals(tag, HMACSHA256.HashData(key, content.Span[..length])))
        {
            throw new FormatException("Its authentication tag does not match.");
        }

        return StrictJson.Read(content[..length], Read);
    }

    public byte[] ToBytes(ReadOnlySpan<byte> key)
    {
        var json = StrictJson.Write(Write).WrittenSpan;
        var tag = System.Text.Encoding.ASCII.GetBytes(Base64UrlStrict.Encode(HMACSHA256.HashData(key, json)));
        return [.. json, (byte)'\n', .. tag];
    }

    private static LedgerContent Read(JsonElement json)
    {
        if (json.GetProperty("v").GetInt32() != 1)
        {
            throw new FormatException("It was written by a newer SDK.");
        }

        var content = new LedgerContent(json.GetProperty("id").GetString()!);
        foreach (var entry in json.GetProperty("usage").EnumerateArray())
        {
            var grant = new GrantId(entry.GetProperty("iss").GetString()!, entry.GetProperty("lid").GetString()!);
            content[grant] = new LedgerEntry(entry.GetProperty("seq").GetInt64(), entry.GetProperty("used").GetInt64());
        }

        return content;
    }

    private void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("v", 1);
        writer.WriteString("id", Id);
        writer.WriteStartArray("usage");
        foreach (var (grant, entry) in _entries)
        {
            writer.WriteStartObject();
            writer.WriteString("iss", grant.Issuer);
            writer.WriteString("lid", grant.LicenseId);
            writer.WriteNumber("seq", entry.Sequence);
            writer.WriteNumber("used", entry.Used);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
