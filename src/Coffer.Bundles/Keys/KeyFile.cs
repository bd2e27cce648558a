using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Coffer.Bundles;

/// <summary>
/// A private key file of a publisher, an issuer or a device: a JWK Set of two private P-256 keys, one for signatures and one
/// for agreement, encrypted where it has a passphrase. Created with mode 0600 on Unix; on Windows it inherits the rights of its
/// folder. Whoever reads the file, and knows the passphrase, has the keys: where that matters, use an <see cref="IDeviceKey"/>
/// in hardware. Safe for concurrent use.
/// </summary>
public sealed class KeyFile : IDeviceKey
{
    private const int MaxFileLength = 16 << 10;
    private const int SecretSize = 32;
    private const int LedgerIdSize = 16;

    private readonly Lock _gate = new();
    private readonly byte[] _localSecret = GC.AllocateArray<byte>(SecretSize, pinned: true);
    private readonly EcKeyPair _keys;
    private bool _disposed;

    private KeyFile(in ECParameters signing, in ECParameters agreement, bool withLedger)
    {
        _keys = new EcKeyPair(ECDsa.Create(signing), ECDiffieHellman.Create(agreement), "the key file");

        // RFC 5869: both scalars are the input keying material; labels expand it in DeriveLocalSecret.
        Span<byte> scalars = stackalloc byte[2 * P256.FieldSize];
        signing.D.CopyTo(scalars);
        agreement.D.CopyTo(scalars[P256.FieldSize..]);
        HKDF.Extract(HashAlgorithmName.SHA256, scalars, "coffer/key-file/1"u8, _localSecret);
        CryptographicOperations.ZeroMemory(scalars);
        LedgerId = withLedger ? DeriveLedgerId() : null;
    }

    /// <inheritdoc/>
    public JsonWebKey SigningKey => _keys.SigningKey;

    /// <inheritdoc/>
    public JsonWebKey AgreementKey => _keys.AgreementKey;

    /// <summary>The public side.</summary>
    public Recipient Recipient => new(SigningKey, AgreementKey, LedgerId);

    /// <summary>The private signing key, for signatures other than ES256: a publisher's CMS. Owned by this object, and not safe for concurrent use.</summary>
    public ECDsa Signer => _keys.Signer;

    internal string? LedgerId { get; }

    /// <summary>Makes new keys and writes them, without a passphrase. A file that is there is never overwritten.</summary>
    /// <exception cref="KeyException"><see cref="KeyError.AlreadyExists"/>.</exception>
    public static KeyFile Create(string path) => Create(path, passphrase: default);

    /// <summary>Makes new keys and writes them under a passphrase. A file that is there is never overwritten.</summary>
    /// <param name="path">The file.</param>
    /// <param name="passphrase">
    /// Any text; it is taken as it is, in UTF-8. Guessing costs 600,000 rounds of HMAC-SHA-256 a try, so that a few random words do. Empty: none.
    /// </param>
    /// <exception cref="KeyException"><see cref="KeyError.AlreadyExists"/>.</exception>
    public static KeyFile Create(string path, ReadOnlySpan<char> passphrase) => Create(path, passphrase, withLedger: false);

    /// <summary>Reads keys that have no passphrase.</summary>
    /// <exception cref="KeyException">
    /// <see cref="KeyError.NotFound"/>, <see cref="KeyError.Malformed"/>, <see cref="KeyError.PassphraseRequired"/>, or
    /// <see cref="KeyError.ReadableByOthers"/>: on Unix, the group or others may read or write the file.
    /// </exception>
    public static KeyFile Load(string path) => Load(path, passphrase: default);

    /// <summary>Reads keys.</summary>
    /// <param name="path">The file.</param>
    /// <param name="passphrase">Its passphrase; empty where it has none.</param>
    /// <exception cref="KeyException">
    /// As <see cref="Load(string)"/>; <see cref="KeyError.PassphraseWrong"/>: another passphrase, or an altered file; also a
    /// passphrase for a file that has none, which somebody may have put in the place of one that had.
    /// </exception>
    public static KeyFile Load(string path, ReadOnlySpan<char> passphrase)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var content = KeyStorage.ReadPrivate(path, MaxFileLength, "Make keys with 'coffer keys init', or give the path of the ones that you have.");
        try
        {
            return Parse(content, path, passphrase);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    /// <inheritdoc/>
    public void Unwrap(in KeyEnvelope envelope, Span<byte> keyMaterial) => _keys.Unwrap(envelope, keyMaterial);

    /// <inheritdoc/>
    public void Sign(ReadOnlySpan<byte> data, Span<byte> signature) => _keys.Sign(data, signature);

    /// <inheritdoc/>
    public void DeriveLocalSecret(string label, Span<byte> secret)
    {
        EcKeyPair.RequireLabel(label);
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
            _keys.Dispose();
            CryptographicOperations.ZeroMemory(_localSecret);
        }
    }

    /// <summary>The thumbprint of the signing key; nothing secret.</summary>
    public override string ToString() => $"KeyFile {SigningKey.Thumbprint} (private keys redacted)";

    internal static KeyFile Create(string path, ReadOnlySpan<char> passphrase, bool withLedger, int iterations = PassphraseProtection.DefaultIterations)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var set = new PrivateKeySet(NewKey(), NewKey(), LedgerId: null);
        ArrayBufferWriter<byte>? json = null;
        KeyFile? key = null;
        try
        {
            key = Open(set, withLedger);
            json = (set with { LedgerId = key.LedgerId }).ToJson();
            KeyStorage.CreatePrivate(path, passphrase.IsEmpty ? json.WrittenSpan : PassphraseProtection.Protect(json.WrittenSpan, passphrase, iterations));
            return key;
        }
        catch
        {
            key?.Dispose();
            throw;
        }
        finally
        {
            json?.Clear();
            set.Clear();
        }
    }

    internal static KeyFile Parse(ReadOnlyMemory<byte> content, string path, ReadOnlySpan<char> passphrase, int minIterations = PassphraseProtection.MinIterations)
    {
        try
        {
            if (PassphraseProtection.IsUsedBy(content))
            {
                return ParseProtected(PassphraseProtection.Read(content, minIterations), path, passphrase);
            }

            return passphrase.IsEmpty
                ? ParseSet(content)
                : throw new KeyException(KeyError.PassphraseWrong, $"A passphrase was given for '{path}', and the file has none. Give no passphrase if the file is the one that you made.");
        }
        catch (Exception e) when (e is FormatException or CryptographicException or KeyException { Error: KeyError.UnsupportedKey })
        {
            // No cause is attached and none of the file is quoted: it may hold most of a private key.
            throw new KeyException(KeyError.Malformed, $"'{path}' is not a private key file of Coffer. Restore it from its backup, or make new keys with 'coffer keys init'.");
        }
    }

    private static KeyFile ParseProtected(PassphraseProtection file, string path, ReadOnlySpan<char> passphrase)
    {
        if (passphrase.IsEmpty)
        {
            throw new KeyException(KeyError.PassphraseRequired, $"'{path}' is under a passphrase, and none was given. Give it; 'coffer' takes it with --passphrase-file or from COFFER_PASSPHRASE.");
        }

        var content = file.TryOpen(passphrase)
            ?? throw new KeyException(KeyError.PassphraseWrong, $"'{path}' does not open with that passphrase, or was altered. Give the right one, or restore the file from its backup.");
        try
        {
            return ParseSet(content);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    private static KeyFile ParseSet(ReadOnlyMemory<byte> json)
    {
        var set = PrivateKeySet.Read(json);
        try
        {
            var key = Open(set, set.LedgerId is not null);
            if (key.LedgerId == set.LedgerId)
            {
                return key;
            }

            key.Dispose();
            throw new FormatException("It names the ledger of another key.");
        }
        finally
        {
            set.Clear();
        }
    }

    private static KeyFile Open(in PrivateKeySet set, bool withLedger) => new(set.Signing, set.Agreement, withLedger);

    // The keys decide the id, so that the file can't be made to name another ledger; new keys have a new one.
    private string DeriveLedgerId()
    {
        Span<byte> id = stackalloc byte[LedgerIdSize];
        HKDF.Expand(HashAlgorithmName.SHA256, _localSecret, id, "coffer/ledger-id/1"u8);
        return Base64UrlStrict.Encode(id);
    }

    private static ECParameters NewKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportParameters(includePrivateParameters: true);
    }
}
