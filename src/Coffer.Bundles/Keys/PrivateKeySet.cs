using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;

namespace Coffer.Bundles;

/// <summary>
/// What a private key file says: a JWK Set of a signing and an agreement key on P-256 and, for a device, the id of its ledger
/// (LICENSES.md, Keys). One set has one encoding.
/// </summary>
internal readonly record struct PrivateKeySet(ECParameters Signing, ECParameters Agreement, string? LedgerId)
{
    /// <summary>The file's bytes. The caller clears them.</summary>
    public ArrayBufferWriter<byte> ToJson()
    {
        var set = this;
        return StrictJson.Write(writer => set.WriteTo(writer));
    }

    /// <summary>Reads a set; the caller clears the scalars.</summary>
    /// <exception cref="FormatException">It is not one, or not in its one encoding.</exception>
    public static PrivateKeySet Read(ReadOnlyMemory<byte> json)
    {
        var set = StrictJson.Read(json, Read);
        var encoded = set.ToJson();
        try
        {
            // Members that nobody reads, white space and second spellings would let a file change without anybody noticing.
            return encoded.WrittenSpan.SequenceEqual(json.Span) ? set : throw new FormatException("It is not written as Coffer writes it.");
        }
        catch
        {
            set.Clear();
            throw;
        }
        finally
        {
            encoded.Clear();
        }
    }

    public void Clear()
    {
        CryptographicOperations.ZeroMemory(Signing.D);
        CryptographicOperations.ZeroMemory(Agreement.D);
    }

    private static PrivateKeySet Read(JsonElement set) => set.TryGetProperty("keys", out var keys) && keys.GetArrayLength() == 2
        ? new PrivateKeySet(ReadKey(keys[0], "sig"), ReadKey(keys[1], "enc"), Recipient.ReadLedgerId(set))
        : throw new FormatException("It does not hold two keys.");

    private static ECParameters ReadKey(JsonElement key, string use)
    {
        var x = new byte[P256.FieldSize];
        var y = new byte[P256.FieldSize];
        var d = GC.AllocateArray<byte>(P256.FieldSize, pinned: true);
        return Is(key, "kty", "EC") && Is(key, "crv", "P-256") && Is(key, "use", use)
            && IsField(key, "x", x) && IsField(key, "y", y) && IsField(key, "d", d) && IsPublicHalf(x, y, d)
                ? new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = x, Y = y }, D = d }
                : throw new FormatException("A key is not a private P-256 key of the required use.");
    }

    // Not every platform's import compares the halves; a key with two would sign what nobody can verify.
    private static bool IsPublicHalf(byte[] x, byte[] y, byte[] d)
    {
        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = d });
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return point.X.AsSpan().SequenceEqual(x) && point.Y.AsSpan().SequenceEqual(y);
    }

    private static bool Is(JsonElement key, string name, string value) => key.TryGetProperty(name, out var member) && member.ValueEquals(value);

    private static bool IsField(JsonElement key, string name, Span<byte> destination) =>
        key.TryGetProperty(name, out var member) && StrictJson.TryDecode(member, destination, out var written) && written == destination.Length;

    private void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("keys");
        WriteKey(writer, Signing, KeyUse.Signature);
        WriteKey(writer, Agreement, KeyUse.Encryption);
        writer.WriteEndArray();
        if (LedgerId is not null)
        {
            writer.WriteString("ledger", LedgerId);
        }

        writer.WriteEndObject();
    }

    private static void WriteKey(Utf8JsonWriter writer, in ECParameters key, KeyUse use)
    {
        Span<byte> encoded = stackalloc byte[43];
        _ = System.Buffers.Text.Base64Url.EncodeToUtf8(key.D, encoded);
        writer.WriteStartObject();
        JsonWebKey.FromParameters(key, use).WriteMembers(writer);
        writer.WriteString("d", encoded);
        writer.WriteEndObject();
        CryptographicOperations.ZeroMemory(encoded);
    }
}
