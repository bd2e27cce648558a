using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

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

    // The newest generation that this process knows of each ledger: a copy restored while it lives is seen.
    private static readonly ConcurrentDictionary<string, long> Newest = new(StringComparer.Ordinal);

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

    /// <summary>What was used of a license on this device.</summary>
    /// <param name="license">The license, verified.</param>
    /// <exception cref="LicenseException">As <see cref="Open"/>.</exception>
    public LicenseUsage UsageOf(VerifiedLicense license)
    {
        ArgumentNullException.ThrowIfNull(license);
        return LicenseUsage.Of(license.Claims, Entry(license.QuotaGrant));
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

    /// <summary>The file of one of a grant's seats; a process that runs a call holds its lock.</summary>
    internal string SeatPath(GrantId grant, int seat)
    {
        var name = SHA256.HashData(Encoding.UTF8.GetBytes($"{grant.Issuer}\n{grant.LicenseId}"));
        return $"{_path}.{Convert.ToHexStringLower(name.AsSpan(0, 8))}.{seat}.seat";
    }

    /// <summary>Takes calls out of a quota: a block, or what remains of it, and never fewer than are needed now.</summary>
    /// <param name="grant">Whose quota.</param>
    /// <param name="sequence">The token's <c>seq</c>.</param>
    /// <param name="quota">Calls in all, or in a window.</param>
    /// <param name="window">The start of the window that it is now, Unix seconds; 0 where the quota has none.</param>
    /// <param name="needed">Calls that are wanted now.</param>
    /// <param name="block">Calls to take at a time.</param>
    /// <returns>How many were taken; they are on disk as used.</returns>
    internal long Lease(GrantId grant, long sequence, long quota, long window, long needed, long block) => Update(content =>
    {
        var entry = content[grant];
        RequireNewest(entry, sequence);
        if (window > entry.Window)
        {
            // A clock that went back within its leeway stays in the newest window.
            entry = entry with { Window = window, Used = 0 };
        }
        else if (window == 0 && entry.Window > 0)
        {
            // A renewal that counts in all where windows were counted before: all means all.
            entry = entry with { Window = 0, Used = entry.Total };
        }

        var remaining = quota - entry.Used;
        if (remaining < needed)
        {
            throw new LicenseException(LicenseError.QuotaExceeded, $"The license allows {quota} calls{(window > 0 ? " in each of its spans of time" : "")}; {Math.Max(remaining, 0)} are left, and {needed} more would be used. {(window > 0 ? "Wait for the next one, or ask" : "Ask")} {Name(grant)} for a renewal with more.");
        }

        var leased = Math.Min(Math.Max(needed, block), remaining);
        content[grant] = entry with { Used = entry.Used + leased, Total = entry.Total + leased };
        return leased;
    });

    /// <summary>Gives back leased calls that were not used.</summary>
    internal void Return(GrantId grant, long window, long calls) => _ = Update(content =>
    {
        var entry = content[grant];
        var used = entry.Window == window ? Math.Max(entry.Used - calls, 0) : entry.Used;
        content[grant] = entry with { Used = used, Total = Math.Max(entry.Total - calls, 0) };
        return true;
    });

    internal LedgerEntry Entry(GrantId grant) => Locked(() => Read()[grant]);

    internal static void RequireNewest(LedgerEntry entry, long sequence)
    {
        if (sequence < entry.Sequence)
        {
            throw new LicenseException(LicenseError.Superseded, $"A newer license of this grant (seq {entry.Sequence}) was used on this device, and this one has seq {sequence}. Use the newest license file.");
        }
    }

    /// <summary>Reads, decides, and writes what was changed, in one lock; if <paramref name="change"/> throws, nothing is written.</summary>
    /// <param name="change">Decides and changes.</param>
    /// <param name="commit">Whether to write.</param>
    internal T Update<T>(Func<LedgerContent, T> change, bool commit = true) => Locked(() =>
    {
        var content = Read();
        if (content.Id != Id)
        {
            throw Tampered("It is the ledger of another device key.");
        }

        var result = change(content);
        if (content.IsChanged && commit)
        {
            KeyStorage.ReplacePrivate(_path, content.ToBytes(_secret));
            _ = IsNewest(content);
        }

        return result;
    });

    // A delegate's grant is told by its key, which says nothing to people.
    private static string Name(GrantId grant) => grant.Issuer.Contains('/', StringComparison.Ordinal) ? "who passed the license on to you" : $"the issuer '{grant.Issuer}'";

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
            var content = LedgerContent.Parse(KeyStorage.ReadPublic(_path, LedgerContent.MaxLength, "Restore it."), _secret);
            return IsNewest(content)
                ? content
                : throw new FormatException("An older copy was put in its place.");
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

    /// <summary>What a process that starts anew knows of generations: for tests of what it can't see.</summary>
    internal void ForgetGeneration() => _ = Newest.TryRemove(Id, out _);

    private static bool IsNewest(LedgerContent content) =>
        content.Generation == Newest.AddOrUpdate(content.Id, content.Generation, (_, known) => Math.Max(known, content.Generation));

    private LicenseException Tampered(string why) =>
        new(LicenseError.LedgerTampered, $"The ledger '{_path}' is refused: {why} Restore the file that belongs to this device key, or make a new device key and have its licenses issued again.");

    private static LicenseException Missing(string path) =>
        new(LicenseError.LedgerMissing, $"The license counts calls or time, and the ledger '{path}' is not there. Restore it beside the device key, or make a new device key and have its licenses issued again.");
}
