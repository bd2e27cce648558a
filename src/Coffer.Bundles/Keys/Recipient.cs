using System.Text.Json;

namespace Coffer.Bundles;

/// <summary>
/// The public side of a device, an issuer or a publisher: what a license or a grant is made for. Its file
/// (<c>device.jwk</c>) is a JWK Set of two keys with <c>use</c> and, for a device, the id of its ledger:
/// <c>{"keys":[{…"use":"sig"},{…"use":"enc"}],"ledger":"…"}</c>.
/// </summary>
/// <param name="SigningKey">EC P-256; its thumbprint names the device.</param>
/// <param name="AgreementKey">EC P-256 or RSA; content keys are wrapped to it.</param>
/// <param name="LedgerId">The id of the device's <see cref="UsageLedger"/>; null where it has none, and then no quota can be licensed to it.</param>
public sealed record Recipient(JsonWebKey SigningKey, JsonWebKey AgreementKey, string? LedgerId = null)
{
    private const int MaxFileLength = 32 << 10;
    private const int MaxLedgerIdLength = 64;

    /// <summary>The public side of a key.</summary>
    public static Recipient Of(IDeviceKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new Recipient(key.SigningKey, key.AgreementKey, key.Ledger?.Id);
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="KeyException"><see cref="KeyError.NotFound"/>, or as <see cref="Parse"/>.</exception>
    public static Recipient Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Parse(KeyStorage.ReadPublic(path, MaxFileLength, "Ask the device's owner for its public file, which 'coffer keys init' writes as device.jwk."));
    }

    /// <summary>Reads a JWK Set.</summary>
    /// <exception cref="KeyException">
    /// <see cref="KeyError.Malformed"/>: it does not hold one key for signatures and one for encryption.
    /// <see cref="KeyError.UnsupportedKey"/>: as <see cref="JsonWebKey.Parse"/>; a private key is refused.
    /// </exception>
    public static Recipient Parse(ReadOnlyMemory<byte> utf8Json)
    {
        try
        {
            return StrictJson.Read(utf8Json, Read);
        }
        catch (FormatException e)
        {
            throw new KeyException(KeyError.Malformed, $"The text is not the public file of a device. {e.Message} Export it again.");
        }
    }

    /// <summary>Writes the file; one that is there is replaced.</summary>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        File.WriteAllBytes(path, [.. StrictJson.Write(WriteTo).WrittenSpan, (byte)'\n']);
    }

    internal static string? ReadLedgerId(JsonElement set)
    {
        if (!set.TryGetProperty("ledger", out var ledger))
        {
            return null;
        }

        return ledger.GetString() is { Length: > 0 and <= MaxLedgerIdLength } id && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
            ? id
            : throw new FormatException("Its 'ledger' is not the id of a ledger.");
    }

    private static Recipient Read(JsonElement set)
    {
        var keys = set.TryGetProperty("keys", out var list) ? list.EnumerateArray().Select(JsonWebKey.Read).ToList() : [];
        return keys.Count == 2
            && keys.Find(key => key.Use == KeyUse.Signature) is { IsEllipticCurve: true } signing
            && keys.Find(key => key.Use == KeyUse.Encryption) is { } agreement
                ? new Recipient(signing, agreement, ReadLedgerId(set))
                : throw new FormatException("It needs two keys: one on P-256 with use 'sig', one with use 'enc'.");
    }

    private void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("keys");
        SigningKey.WriteTo(writer);
        AgreementKey.WriteTo(writer);
        writer.WriteEndArray();
        if (LedgerId is not null)
        {
            writer.WriteString("ledger", LedgerId);
        }

        writer.WriteEndObject();
    }
}
