using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Coffer.Bundles;

/// <summary>
/// An issuer's word on what it issued: a bit or a few for each license, and devices, signing certificates and manifests that
/// it revokes outright. A JWS in the shape of the IETF's Token Status List, type <c>statuslist+jwt</c>, whose signature was not
/// checked: everything in it is a claim. Immutable.
/// </summary>
public sealed class StatusList
{
    internal const string Type = "statuslist+jwt";

    private const int MaxInflated = 1 << 20;
    private const int MaxList = 4096;
    private const int Sha256HexLength = 64;

    private readonly Jws _token;
    private readonly byte[] _statuses;
    private readonly int _bits;

    private StatusList(string text, Jws token, JsonElement claims)
    {
        Text = text;
        _token = token;
        Issuer = ReadText(claims, "iss");
        Uri = ReadText(claims, "sub");
        IssuedAt = ReadTime(claims, "iat") ?? throw new FormatException("The claim 'iat' is missing.");
        Expires = ReadTime(claims, "exp");
        var list = claims.GetProperty("status_list");
        _bits = list.GetProperty("bits").GetInt32() is var bits && bits is 1 or 2 or 4 or 8 ? bits : throw new FormatException("Its bits are not 1, 2, 4 or 8.");
        _statuses = Inflate(Base64UrlStrict.Decode(ReadText(list, "lst")));
        Devices = ReadItems(claims, "devices", item => item.GetString()!);
        Manifests = ReadItems(claims, "manifests", ReadDigest);
        Signers = ReadItems(claims, "signers", item => new RevokedSigner(ReadDigest(item.GetProperty("sha256")), ReadTime(item, "after")));
    }

    /// <summary>Who published it: <c>iss</c>.</summary>
    public string Issuer { get; }

    /// <summary>Its address: <c>sub</c>.</summary>
    public string Uri { get; }

    /// <summary>When: <c>iat</c>.</summary>
    public DateTimeOffset IssuedAt { get; }

    /// <summary>From when it says nothing fresh any more: <c>exp</c>; null for never.</summary>
    public DateTimeOffset? Expires { get; }

    /// <summary>How many licenses it speaks of.</summary>
    public long Count => (long)_statuses.Length * 8 / _bits;

    /// <summary>Revoked devices: thumbprints of their signing keys.</summary>
    public IReadOnlyList<string> Devices { get; }

    /// <summary>Revoked signing certificates.</summary>
    public IReadOnlyList<RevokedSigner> Signers { get; }

    /// <summary>Revoked bundles: digests of their manifests, lowercase hex.</summary>
    public IReadOnlyList<string> Manifests { get; }

    internal string Text { get; }

    /// <summary>Reads a list of at most 256 KiB, which may inflate to 1 MiB.</summary>
    /// <exception cref="LicenseException"><see cref="LicenseError.StatusInvalid"/>.</exception>
    public static StatusList Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            var token = text.TrimEnd('\r', '\n');
            var jws = Jws.Parse(token, Type);
            return StrictJson.Read(jws.Payload, claims => new StatusList(token, jws, claims));
        }
        catch (JoseException e)
        {
            throw Invalid($"The status list is refused: {e.Message}");
        }
        catch (Exception e) when (e is FormatException or KeyNotFoundException or InvalidDataException)
        {
            throw Invalid($"The status list can't be read: {(e is FormatException ? e.Message.TrimEnd('.') : "a claim is missing, or its list does not inflate")}");
        }
    }

    /// <summary>Reads a file, as <see cref="Parse"/>.</summary>
    /// <exception cref="LicenseException"><see cref="LicenseError.NotFound"/> or <see cref="LicenseError.StatusInvalid"/>.</exception>
    public static StatusList Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            return Parse(Encoding.UTF8.GetString(KeyStorage.ReadPublic(path, Jws.MaxLength, "Fetch the issuer's status list.")));
        }
        catch (KeyException e)
        {
            throw new LicenseException(e.Error is KeyError.NotFound ? LicenseError.NotFound : LicenseError.StatusInvalid, e.Message, e);
        }
    }

    /// <summary>A license's status: 0 valid, 1 revoked, 2 suspended; other values are the issuer's own and refuse as 1 does.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The list has no such place.</exception>
    public int this[long index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);

            // The first status is in the lowest bits of the first byte.
            var (at, shift) = Math.DivRem(index * _bits, 8);
            return (_statuses[at] >> (int)shift) & ((1 << _bits) - 1);
        }
    }

    /// <summary>Issuer, address and time.</summary>
    public override string ToString() => $"StatusList {Uri} of {Issuer}, {LicenseClock.Shown(IssuedAt)}";

    /// <summary>Whether the key signed it.</summary>
    public bool IsSignedBy(JsonWebKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return _token.Verify(key);
    }

    /// <summary>Whether it is the list that a token names: at that address, in the name and under the key of who signed the token.</summary>
    internal bool IsOf(LicenseToken token) => Uri == token.Claims.Status?.Uri && Issuer == token.Claims.Issuer && IsSignedBy(token.SignedBy);

    internal static LicenseException Invalid(string what) => new(LicenseError.StatusInvalid, $"{what}. Fetch the issuer's status list again.");

    internal static byte[] Deflate(ReadOnlySpan<byte> statuses)
    {
        using var compressed = new MemoryStream();
        using (var deflate = new ZLibStream(compressed, CompressionLevel.Optimal))
        {
            deflate.Write(statuses);
        }

        return compressed.ToArray();
    }

    // A few bytes inflate to gigabytes; nothing above the limit is allocated for.
    private static byte[] Inflate(byte[] compressed)
    {
        using var inflate = new ZLibStream(new MemoryStream(compressed), CompressionMode.Decompress);
        using var statuses = new MemoryStream();
        var buffer = new byte[4096];
        for (var read = inflate.Read(buffer); read > 0; read = inflate.Read(buffer))
        {
            if (statuses.Length + read > MaxInflated)
            {
                throw new FormatException($"Its list inflates to more than {MaxInflated} bytes.");
            }

            statuses.Write(buffer.AsSpan(0, read));
        }

        return statuses.ToArray();
    }

    private static IReadOnlyList<T> ReadItems<T>(JsonElement claims, string name, Func<JsonElement, T> read) =>
        !claims.TryGetProperty(name, out var items) ? []
        : items.GetArrayLength() <= MaxList ? [.. items.EnumerateArray().Select(read)]
        : throw new FormatException($"Its '{name}' are more than {MaxList}.");

    private static string ReadDigest(JsonElement item) =>
        item.GetString() is { Length: Sha256HexLength } digest && digest.All(char.IsAsciiHexDigitLower) ? digest : throw new FormatException("A digest is not SHA-256 in lowercase hex.");

    private static string ReadText(JsonElement parent, string name) => parent.GetProperty(name).GetString() ?? throw new FormatException($"The claim '{name}' is null.");

    private static DateTimeOffset? ReadTime(JsonElement parent, string name) =>
        !parent.TryGetProperty(name, out var value) ? null
        : StrictJson.TryTime(value, out var time) ? time
        : throw new FormatException($"The claim '{name}' is not a time.");
}
