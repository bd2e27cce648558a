namespace Coffer.Bundles;

/// <summary>
/// A device key in a private file (<see cref="KeyFile"/>), with its usage ledger beside it (<c>device.key</c>,
/// <c>device.ledger</c>). Whoever copies both files copies the device: hardware keys do not have that weakness.
/// </summary>
public sealed class FileDeviceKey : IDeviceKey
{
    private readonly KeyFile _key;
    private readonly UsageLedger _ledger;

    private FileDeviceKey(KeyFile key, string path)
    {
        _key = key;
        _ledger = new UsageLedger(LedgerPath(path), key.LedgerId!, key);
    }

    /// <inheritdoc/>
    public JsonWebKey SigningKey => _key.SigningKey;

    /// <inheritdoc/>
    public JsonWebKey AgreementKey => _key.AgreementKey;

    /// <inheritdoc/>
    public UsageLedger Ledger => _ledger;

    UsageLedger? IDeviceKey.Ledger => _ledger;

    /// <summary>The public side, which a license is made for.</summary>
    public Recipient Recipient => _key.Recipient;

    /// <summary>Makes a new device: its keys at <paramref name="path"/> and its ledger beside them, without a passphrase. Nothing is overwritten.</summary>
    /// <exception cref="KeyException"><see cref="KeyError.AlreadyExists"/>: the key or the ledger is there already.</exception>
    public static FileDeviceKey Create(string path) => Create(path, passphrase: default);

    /// <summary>Makes a new device with its keys under a passphrase; the ledger needs none. Nothing is overwritten.</summary>
    /// <param name="path">The file of the keys.</param>
    /// <param name="passphrase">As <see cref="KeyFile.Create(string, ReadOnlySpan{char})"/>.</param>
    /// <exception cref="KeyException"><see cref="KeyError.AlreadyExists"/>: the key or the ledger is there already.</exception>
    public static FileDeviceKey Create(string path, ReadOnlySpan<char> passphrase)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var ledgerPath = LedgerPath(path);
        if (File.Exists(ledgerPath))
        {
            throw new KeyException(KeyError.AlreadyExists, $"The ledger '{ledgerPath}' of another device key is there already. Choose another path; a ledger and its key stay together.");
        }

        var device = new FileDeviceKey(KeyFile.Create(path, passphrase, withLedger: true), path);
        try
        {
            device._ledger.WriteNew();
            return device;
        }
        catch
        {
            // A device key without its ledger could never hold a quota; both or neither.
            device.Dispose();
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Reads a device's keys that have no passphrase. The ledger is read when a license with a quota needs it.</summary>
    /// <exception cref="KeyException">As <see cref="KeyFile.Load(string)"/>; <see cref="KeyError.Malformed"/> also for a key file that belongs to no device.</exception>
    public static FileDeviceKey Load(string path) => Load(path, passphrase: default);

    /// <summary>Reads a device's keys. The ledger is read when a license with a quota needs it.</summary>
    /// <param name="path">The file of the keys.</param>
    /// <param name="passphrase">Its passphrase; empty where it has none.</param>
    /// <exception cref="KeyException">As <see cref="KeyFile.Load(string, ReadOnlySpan{char})"/>; <see cref="KeyError.Malformed"/> also for a key file that belongs to no device.</exception>
    public static FileDeviceKey Load(string path, ReadOnlySpan<char> passphrase)
    {
        var key = KeyFile.Load(path, passphrase);
        if (key.LedgerId is not null)
        {
            return new FileDeviceKey(key, path);
        }

        key.Dispose();
        throw new KeyException(KeyError.Malformed, $"'{path}' is the key of a publisher or an issuer, not of a device: it names no ledger. Give the device key.");
    }

    /// <inheritdoc/>
    public void Unwrap(in KeyEnvelope envelope, Span<byte> keyMaterial) => _key.Unwrap(envelope, keyMaterial);

    /// <inheritdoc/>
    public void Sign(ReadOnlySpan<byte> data, Span<byte> signature) => _key.Sign(data, signature);

    /// <inheritdoc/>
    public void DeriveLocalSecret(string label, Span<byte> secret) => _key.DeriveLocalSecret(label, secret);

    /// <summary>Clears the keys. An <see cref="Entitlement"/> that was made with this key stays valid.</summary>
    public void Dispose()
    {
        _ledger.Dispose();
        _key.Dispose();
    }

    /// <summary>The thumbprint of the signing key; nothing secret.</summary>
    public override string ToString() => $"FileDeviceKey {SigningKey.Thumbprint} (private keys redacted)";

    private static string LedgerPath(string path) => Path.ChangeExtension(path, ".ledger");
}
