using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Coffer.Bundles;

/// <summary>
/// A private key file of a publisher, an issuer or a device: a JWK Set of two private P-256 keys, one for signatures and one
/// for agreement. Created with mode 0600 on Unix; on Windows it inherits the rights of its folder. Whoever reads the file has
/// the keys: where that matters, use an <see cref="IDeviceKey"/> in hardware. Safe for concurrent use.
/// </summary>
public sealed class KeyFile : IDeviceKey
{
    private const int MaxFileLength = 16 << 10;
    private const int SecretSize = 32;

    private readonly Lock _gate = new();
    private readonly byte[] _localSecret = GC.AllocateArray<byte>(SecretSize, pinned: true);
    private readonly ECDsa _signing;
    private readonly ECDiffieHellman _agreement;
    private bool _disposed;

    private KeyFile(in ECParameters signing, in ECParameters agreement, string? ledgerId)
    {
        _signing = ECDsa.Create(signing);
        _agreement = ECDiffieHellman.Create(agreement);
        SigningKey = JsonWebKey.FromParameters(signing, KeyUse.Signature);
        AgreementKey = JsonWebKey.FromParameters(agreement, KeyUse.Encryption);
        LedgerId = ledgerId;

        // RFC 5869: both scalars are the input keying material; labels expand it in DeriveLocalSecret.
        Span<byte> scalars = stackalloc byte[2 * P256.FieldSize];
        signing.D.CopyTo(scalars);
        agreement.D.CopyTo(scalars[P256.FieldSize..]);
        HKDF.Extract(HashAlgorithmName.SHA256, scalars, "coffer/key-file/1"u8, _localSecret);
        CryptographicOperations.ZeroMemory(scalars);
    }

    /// <inheritdoc/>
    public JsonWebKey SigningKey { get; }

    /// <inheritdoc/>
    public JsonWebKey AgreementKey { get; }

    /// <summary>The public side.</summary>
    public Recipient Recipient => new(SigningKey, AgreementKey, LedgerId);

    /// <summary>The private signing key, for signatures other than ES256: a publisher's CMS. Owned by this object, and not safe for concurrent use.</summary>
    public ECDsa Signer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _signing;
        }
    }

    internal string? LedgerId { get; }

    /// <summary>Makes new keys and writes them. A file that is there is never overwritten.</summary>
    /// <exception cref="KeyException"><see cref="KeyError.AlreadyExists"/>.</exception>
    public static KeyFile Create(string path) => Create(path, ledgerId: null);

    /// <summary>Reads the keys.</summary>
    /// <exception cref="KeyException">
    /// <see cref="KeyError.NotFound"/>, <see cref="KeyError.Malformed"/>, or <see cref="KeyError.ReadableByOthers"/>: on Unix,
    /// the group or others may read or write the file.
    /// </exception>
    public static KeyFile Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var json = KeyStorage.ReadPrivate(path, MaxFileLength, "Make keys with 'coffer keys init', or give the path of the ones that you have.");
        try
        {
            return StrictJson.Read(json, Read);
        }
        catch (Exception e) when (e is FormatException or CryptographicException or KeyException)
        {
            // No cause is attached and none of the file is quoted: it may hold most of a private key.
            throw new KeyException(KeyError.Malformed, $"'{path}' is not a private key file of Coffer. Restore it from its backup, or make new keys with 'coffer keys init'.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(json);
        }
    }

    /// <inheritdoc/>
    public void Unwrap(in KeyEnvelope envelope, Span<byte> keyMaterial)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(keyMaterial.Length, P256.FieldSize);
        keyMaterial.Clear();
        if (envelope.Algorithm != KeyEnvelopeAlgorithm.EcdhEs || !envelope.EphemeralKey.IsEllipticCurve)
        {
            throw new KeyException(KeyError.UnsupportedKey, $"The key material is protected with {envelope.Algorithm}, and this key file holds a P-256 key. Ask for a license that is made for this device's public file.");
        }

        using var ephemeral = envelope.EphemeralKey.CreateECDiffieHellman();
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var shared = _agreement.DeriveRawSecretAgreement(ephemeral.PublicKey);
            shared.CopyTo(keyMaterial);
            CryptographicOperations.ZeroMemory(shared);
        }
    }

    /// <inheritdoc/>
    public void Sign(ReadOnlySpan<byte> data, Span<byte> signature)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            Es256.Sign(_signing, data, signature);
        }
    }

    /// <inheritdoc/>
    public void DeriveLocalSecret(string label, Span<byte> secret)
    {
        ArgumentException.ThrowIfNullOrEmpty(label);
        if (!Ascii.IsValid(label))
        {
            throw new ArgumentException("A label is ASCII, so that two labels never become one.", nameof(label));
        }

        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            HKDF.Expand(HashAlgorithmName.SHA256, _localSecret, secret, Encoding.ASCII.GetBytes(label));
        }
    }

    /// <summary>Clears the keys.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _signing.Dispose();
            _agreement.Dispose();
            CryptographicOperations.ZeroMemory(_localSecret);
        }
    }

    /// <summary>The thumbprint of the signing key; nothing secret.</summary>
    public override string ToString() => $"KeyFile {SigningKey.Thumbprint} (private keys redacted)";

    internal static KeyFile Create(string path, string? ledgerId)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var (signing, agreement) = (NewKey(), NewKey());
        ArrayBufferWriter<byte>? json = null;
        try
        {
            json = StrictJson.Write(writer => Write(writer, signing, agreement, ledgerId));
            KeyStorage.CreatePrivate(path, json.WrittenSpan);
            return new KeyFile(signing, agreement, ledgerId);
        }
        finally
        {
            json?.Clear();
            CryptographicOperations.ZeroMemory(signing.D);
            CryptographicOperations.ZeroMemory(agreement.D);
        }
    }

    private static ECParameters NewKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportParameters(includePrivateParameters: true);
    }

    private static void Write(Utf8JsonWriter writer, in ECParameters signing, in ECParameters agreement, string? ledgerId)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("keys");
        WriteKey(writer, signing, KeyUse.Signature);
        WriteKey(writer, agreement, KeyUse.Encryption);
        writer.WriteEndArray();
        if (ledgerId is not null)
        {
            writer.WriteString("ledger", ledgerId);
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

    private static KeyFile Read(JsonElement set)
    {
        if (!set.TryGetProperty("keys", out var keys) || keys.GetArrayLength() != 2)
        {
            throw new FormatException("It does not hold two keys.");
        }

        var signing = ReadKey(keys[0], "sig");
        var agreement = ReadKey(keys[1], "enc");
        try
        {
            return new KeyFile(signing, agreement, Recipient.ReadLedgerId(set));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(signing.D);
            CryptographicOperations.ZeroMemory(agreement.D);
        }
    }

    private static ECParameters ReadKey(JsonElement key, string use)
    {
        var x = new byte[P256.FieldSize];
        var y = new byte[P256.FieldSize];
        var d = GC.AllocateArray<byte>(P256.FieldSize, pinned: true);
        return Is(key, "kty", "EC") && Is(key, "crv", "P-256") && Is(key, "use", use)
            && IsField(key, "x", x) && IsField(key, "y", y) && IsField(key, "d", d)
                ? new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = x, Y = y }, D = d }
                : throw new FormatException("A key is not a private P-256 key of the required use.");
    }

    private static bool Is(JsonElement key, string name, string value) => key.TryGetProperty(name, out var member) && member.ValueEquals(value);

    private static bool IsField(JsonElement key, string name, Span<byte> destination) =>
        key.TryGetProperty(name, out var member) && StrictJson.TryDecode(member, destination, out var written) && written == destination.Length;
}
