using System.Security.Cryptography;

namespace Coffer.Bundles;

/// <summary>
/// A device's record of used calls, in a file beside its key. Authenticated with a secret that only the device key derives,
/// locked between processes, and durable: a block of calls is on disk before its first call is allowed. Restoring an old
/// copy of the file together with the key can't be seen without a server; SECURITY.md says so. Safe for concurrent use.
/// </summary>
public sealed class UsageLedger : IDisposable
{
    private const string SecretLabel = "coffer/usage-ledger/1";
    private const int SecretSize = 32;
    private const int IdSize = 16;

    private readonly byte[] _secret = GC.AllocateArray<byte>(SecretSize, pinned: true);
    private readonly string _path;
    private bool _disposed;

    internal UsageLedger(string path, string id, IDeviceKey device)
    {
        _path = path;
        Id = id;
        device.DeriveLocalSecret(SecretLabel, _secret);
    }

    private UsageLedger(UsageLedger other)
    {
        ObjectDisposedException.ThrowIf(other._disposed, other);
        _path = other._path;
        Id = other.Id;
        other._secret.CopyTo(_secret, 0);
    }

    /// <summary>The id that licenses name (<c>cnf.ledger</c>), base64url.</summary>
    public string Id { get; }

    /// <summary>Makes a new ledger for a device key that has none, such as a key in hardware. Do so when the key is made, once.</summary>
    /// <exception cref="KeyException"><see cref="KeyError.AlreadyExists"/>.</exception>
    public static UsageLedger Create(string path, IDeviceKey device)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(device);
        var ledger = new UsageLedger(path, Base64UrlStrict.Encode(RandomNumberGenerator.GetBytes(IdSize)), device);
        ledger.WriteNew();
        return ledger;
    }

    /// <summary>Opens the ledger of a device key.</summary>
    /// <exception cref="LicenseException">
    /// <see cref="LicenseError.LedgerMissing"/>, <see cref="LicenseError.LedgerTampered"/> (also for another key's ledger) or <see cref="LicenseError.LedgerUnavailable"/>.
    /// </exception>
    public static UsageLedger Open(string path, IDeviceKey device)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(device);
        using var reader = new UsageLedger(path, "", device);
        var id = reader.Locked(() => reader.Read().Id);
        return new UsageLedger(path, id, device);
    }

    /// <summary>Clears the secret. Entitlements in use keep counting.</summary>
    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_secret);
    }

    /// <summary>The id; nothing secret.</summary>
    public override string ToString() => $"UsageLedger {Id}";

    internal void WriteNew() => KeyStorage.CreatePrivate(_path, new LedgerContent(Id).ToBytes(_secret));

    /// <summary>The same ledger for another owner.</summary>
    internal UsageLedger Share() => new(this);

    /// <summary>Records the newest token of a grant and refuses an older one.</summary>
    internal void Admit(GrantId grant, long sequence) => _ = Change(grant, entry =>
    {
        RequireNewest(entry, sequence);
        return entry with { Sequence = sequence };
    });

    /// <summary>Takes calls out of a quota: a block, or what remains of it, and never fewer than are needed now.</summary>
    /// <returns>How many were taken; they are on disk as used.</returns>
    internal long Lease(GrantId grant, long sequence, long quota, long needed, long block)
    {
        var leased = 0L;
        _ = Change(grant, entry =>
        {
            RequireNewest(entry, sequence);
            var remaining = quota - entry.Used;
            if (remaining < needed)
            {
                throw new LicenseException(LicenseError.QuotaExceeded, $"The license allows {quota} calls; {Math.Max(remaining, 0)} are left, and {needed} more would be used. Ask the issuer '{grant.Issuer}' for a renewal with more.");
            }

            leased = Math.Min(Math.Max(needed, block), remaining);
            return entry with { Used = entry.Used + leased };
        });
        return leased;
    }

    /// <summary>Gives back leased calls that were not used.</summary>
    internal void Return(GrantId grant, long calls) => _ = Change(grant, entry => entry with { Used = Math.Max(entry.Used - calls, 0) });

    internal long Used(GrantId grant) => Locked(() => Read()[grant].Used);

    private LedgerEntry Change(GrantId grant, Func<LedgerEntry, LedgerEntry> change) => Locked(() =>
    {
        var content = Read();
        if (content.Id != Id)
        {
            throw Tampered("it is the ledger of another device key");
        }

        var before = content[grant];
        var after = change(before);
        if (after != before)
        {
            content[grant] = after;
            KeyStorage.ReplacePrivate(_path, content.ToBytes(_secret));
        }

        return after;
    });

    private T Locked<T>(Func<T> action)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        try
        {
            if (!File.Exists(_path))
            {
                throw Missing(_path);
            }

            using (FileLock.Acquire(_path + ".lock"))
            {
                return action();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LicenseException(LicenseError.LedgerUnavailable, $"The ledger '{_path}' can't be read, locked or written, so that calls can't be counted. Let this account write to its folder.", e);
        }
    }

    private LedgerContent Read()
    {
        try
        {
            return LedgerContent.Parse(KeyStorage.ReadPublic(_path, LedgerContent.MaxLength, "Restore it."), _secret);
        }
        catch (KeyException e) when (e.Error is KeyError.NotFound)
        {
            throw Missing(_path);
        }
        catch (Exception e) when (e is FormatException or KeyException or KeyNotFoundException)
        {
            throw Tampered(e.Message);
        }
    }

    private static void RequireNewest(LedgerEntry entry, long sequence)
    {
        if (sequence < entry.Sequence)
        {
            throw new LicenseException(LicenseError.Superseded, $"A newer license of this grant (seq {entry.Sequence}) was used on this device, and this one has seq {sequence}. Use the newest license file.");
        }
    }

    private LicenseException Tampered(string why) =>
        new(LicenseError.LedgerTampered, $"The ledger '{_path}' is refused: {why} Restore the file that belongs to this device key, or make a new device key and have its licenses issued again.");

    private static LicenseException Missing(string path) =>
        new(LicenseError.LedgerMissing, $"The license counts calls, and the ledger '{path}' is not there. Restore it beside the device key, or make a new device key and have its licenses issued again.");
}
