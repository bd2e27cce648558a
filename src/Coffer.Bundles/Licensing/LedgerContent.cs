using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Coffer.Bundles;

/// <summary>
/// The content of a ledger file (LICENSES.md, "Ledger"): one line of JSON, a line feed, and the HMAC-SHA256 of that line in
/// base64url. It has one spelling.
/// </summary>
internal sealed class LedgerContent(string id)
{
    public const int MaxLength = 1 << 20;

    private const int MaxEntries = 1024;
    private const int TagLength = 43;

    private readonly Dictionary<GrantId, LedgerEntry> _entries = [];
    private readonly Dictionary<string, long> _marks = new(StringComparer.Ordinal);

    public string Id { get; } = id;

    /// <summary>Grows with every write: a process that saw a higher one knows that an old copy was put in its place.</summary>
    public long Generation { get; private set; }

    /// <summary>Whether it differs from what was read.</summary>
    public bool IsChanged { get; private set; }

    public LedgerEntry this[GrantId grant]
    {
        get => _entries.GetValueOrDefault(grant);
        set
        {
            RequireRoom(_entries, grant);
            IsChanged |= !_entries.TryGetValue(grant, out var before) || before != value;
            _entries[grant] = value;
        }
    }

    /// <summary>A number that only grows; 0 where nothing is known.</summary>
    public long Mark(string name) => _marks.GetValueOrDefault(name);

    /// <summary>Raises a number; a lower one changes nothing.</summary>
    public void Raise(string name, long value)
    {
        if (value > Mark(name))
        {
            RequireRoom(_marks, name);
            _marks[name] = value;
            IsChanged = true;
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

        var read = StrictJson.Read(content[..length], Read);
        return StrictJson.Write(read.Write).WrittenSpan.SequenceEqual(content.Span[..length])
            ? read
            : throw new FormatException("It is not spelled as this SDK spells a ledger.");
    }

    /// <summary>The next generation of the file.</summary>
    /// <exception cref="LicenseException"><see cref="LicenseError.LedgerFull"/>.</exception>
    public byte[] ToBytes(ReadOnlySpan<byte> key)
    {
        Generation++;
        var json = StrictJson.Write(Write).WrittenSpan;
        return json.Length + 1 + TagLength <= MaxLength
            ? [.. json, (byte)'\n', .. Encoding.ASCII.GetBytes(Base64UrlStrict.Encode(HMACSHA256.HashData(key, json)))]
            : throw Full();
    }

    private static LedgerContent Read(JsonElement json)
    {
        if (json.GetProperty("v").GetInt32() != 1)
        {
            throw new FormatException("It was written by a newer SDK.");
        }

        var content = new LedgerContent(json.GetProperty("id").GetString()!) { Generation = json.GetProperty("gen").GetInt64() };
        foreach (var entry in json.GetProperty("usage").EnumerateArray())
        {
            var grant = new GrantId(entry.GetProperty("iss").GetString()!, entry.GetProperty("lid").GetString()!);
            content[grant] = new LedgerEntry(Number(entry, "seq"), Number(entry, "used"))
            {
                Total = Number(entry, "total"),
                Window = Number(entry, "window"),
                Seen = Number(entry, "seen"),
                Receipt = entry.TryGetProperty("receipt", out var receipt)
                    ? new ReceiptMark(Number(receipt, "n"), receipt.GetProperty("digest").GetString()!, Number(receipt, "total"), Number(receipt, "at"))
                    : default,
            };
        }

        foreach (var mark in json.GetProperty("marks").EnumerateObject())
        {
            content.Raise(mark.Name, mark.Value.GetInt64());
        }

        content.IsChanged = false;
        return content;
    }

    private void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("v", 1);
        writer.WriteString("id", Id);
        writer.WriteNumber("gen", Generation);
        writer.WriteStartArray("usage");
        foreach (var (grant, entry) in _entries)
        {
            Write(writer, grant, entry);
        }

        writer.WriteEndArray();
        writer.WriteStartObject("marks");
        foreach (var (name, value) in _marks)
        {
            writer.WriteNumber(name, value);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, GrantId grant, LedgerEntry entry)
    {
        writer.WriteStartObject();
        writer.WriteString("iss", grant.Issuer);
        writer.WriteString("lid", grant.LicenseId);
        writer.WriteNumber("seq", entry.Sequence);
        writer.WriteNumber("used", entry.Used);
        writer.WriteNumber("total", entry.Total);
        writer.WriteNumber("window", entry.Window);
        writer.WriteNumber("seen", entry.Seen);
        if (entry.Receipt.Number > 0)
        {
            writer.WriteStartObject("receipt");
            writer.WriteNumber("n", entry.Receipt.Number);
            writer.WriteString("digest", entry.Receipt.Digest);
            writer.WriteNumber("total", entry.Receipt.Total);
            writer.WriteNumber("at", entry.Receipt.At);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static long Number(JsonElement parent, string name) => parent.GetProperty(name).GetInt64();

    private static void RequireRoom<TKey, TValue>(Dictionary<TKey, TValue> known, TKey key)
        where TKey : notnull
    {
        if (known.Count >= MaxEntries && !known.ContainsKey(key))
        {
            throw Full();
        }
    }

    private static LicenseException Full() =>
        new(LicenseError.LedgerFull, $"This device's ledger already knows {MaxEntries} licenses or models, or as much as fits into {MaxLength} bytes. Make a new device key and have the licenses in use issued to it.");
}
