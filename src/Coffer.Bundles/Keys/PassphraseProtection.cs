using System.Security.Cryptography;
using System.Text.Json;

namespace Coffer.Bundles;

/// <summary>
/// A private key file under a passphrase (LICENSES.md, Keys): AES-256-GCM under a key that PBKDF2 (RFC 8018 §5.2) derives. What
/// stands before the ciphertext is authenticated with it; one content has one encoding.
/// </summary>
internal sealed class PassphraseProtection
{
    /// <summary>OWASP's Password Storage Cheat Sheet for PBKDF2-HMAC-SHA256.</summary>
    public const int DefaultIterations = 600_000;

    /// <summary>The fewest that a file may ask for.</summary>
    public const int MinIterations = 100_000;

    private const int MaxIterations = 10_000_000;
    private const int Version = 1;
    private const string Kdf = "PBKDF2-HMAC-SHA256";
    private const int SaltSize = 16;
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private const int KeySize = 32;

    private readonly int _iterations;
    private readonly byte[] _salt;
    private readonly byte[] _nonce;
    private readonly byte[] _ciphertext;
    private readonly byte[] _tag;

    private PassphraseProtection(int iterations, byte[] salt, byte[] nonce, byte[] ciphertext, byte[] tag)
    {
        _iterations = iterations;
        _salt = salt;
        _nonce = nonce;
        _ciphertext = ciphertext;
        _tag = tag;
    }

    /// <summary>Encrypts a key file's content.</summary>
    /// <returns>The file's bytes.</returns>
    public static byte[] Protect(ReadOnlySpan<byte> content, ReadOnlySpan<char> passphrase, int iterations = DefaultIterations)
    {
        var file = new PassphraseProtection(iterations, RandomNumberGenerator.GetBytes(SaltSize), RandomNumberGenerator.GetBytes(NonceSize), new byte[content.Length], new byte[TagSize]);
        Span<byte> key = stackalloc byte[KeySize];
        try
        {
            file.DeriveKey(passphrase, key);
            using var cipher = new AesGcm(key, TagSize);
            cipher.Encrypt(file._nonce, content, file._ciphertext, file._tag, file.Encode(withCiphertext: false));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }

        return file.Encode(withCiphertext: true);
    }

    /// <summary>Whether a key file is one of these; all else about it is still to be read.</summary>
    /// <exception cref="FormatException">It is not JSON.</exception>
    public static bool IsUsedBy(ReadOnlyMemory<byte> file) => StrictJson.Read(file, root => root.TryGetProperty("kdf", out _));

    /// <summary>Reads the file; nothing is derived yet.</summary>
    /// <param name="file">The file's bytes.</param>
    /// <param name="minIterations">The fewest that are accepted. Too few would be cheap to guess, too many would hang the reader.</param>
    /// <exception cref="FormatException">It is not one, or not in its one encoding.</exception>
    public static PassphraseProtection Read(ReadOnlyMemory<byte> file, int minIterations = MinIterations)
    {
        var read = StrictJson.Read(file, Read);
        return read._iterations >= minIterations
            && read._iterations <= MaxIterations
            && read is { _salt.Length: SaltSize, _nonce.Length: NonceSize, _tag.Length: TagSize }
            && read.Encode(withCiphertext: true).AsSpan().SequenceEqual(file.Span)
                ? read
                : throw new FormatException("It is not written as Coffer writes it.");
    }

    /// <summary>Decrypts into pinned memory that the caller clears.</summary>
    /// <returns>Null where the passphrase is another one, or the file was altered: nobody can tell which.</returns>
    public byte[]? TryOpen(ReadOnlySpan<char> passphrase)
    {
        var content = GC.AllocateArray<byte>(_ciphertext.Length, pinned: true);
        Span<byte> key = stackalloc byte[KeySize];
        try
        {
            DeriveKey(passphrase, key);
            using var cipher = new AesGcm(key, TagSize);
            cipher.Decrypt(_nonce, _ciphertext, _tag, content, Encode(withCiphertext: false));
            return content;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private void DeriveKey(ReadOnlySpan<char> passphrase, Span<byte> key) =>
        Rfc2898DeriveBytes.Pbkdf2(passphrase, _salt, key, _iterations, HashAlgorithmName.SHA256);

    private static PassphraseProtection Read(JsonElement root) =>
        root.TryGetProperty("v", out var version) && version.TryGetInt32(out var v) && v == Version
        && root.TryGetProperty("kdf", out var kdf) && kdf.ValueEquals(Kdf)
        && root.TryGetProperty("iterations", out var count) && count.TryGetInt32(out var iterations)
            ? new PassphraseProtection(iterations, Bytes(root, "salt"), Bytes(root, "nonce"), Bytes(root, "ciphertext"), Bytes(root, "tag"))
            : throw new FormatException("It is not a key file under a passphrase of version 1.");

    private static byte[] Bytes(JsonElement root, string name) =>
        root.TryGetProperty(name, out var member) && member.GetString() is { } text ? Base64UrlStrict.Decode(text) : throw new FormatException("A member is missing.");

    /// <summary>The whole file, or what stands before the ciphertext: the additional authenticated data.</summary>
    private byte[] Encode(bool withCiphertext) => StrictJson.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("v", Version);
        writer.WriteString("kdf", Kdf);
        writer.WriteNumber("iterations", _iterations);
        writer.WriteString("salt", Base64UrlStrict.Encode(_salt));
        writer.WriteString("nonce", Base64UrlStrict.Encode(_nonce));
        if (withCiphertext)
        {
            writer.WriteString("ciphertext", Base64UrlStrict.Encode(_ciphertext));
            writer.WriteString("tag", Base64UrlStrict.Encode(_tag));
        }

        writer.WriteEndObject();
    }).WrittenSpan.ToArray();
}
