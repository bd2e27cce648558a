using System.Collections.Frozen;
using System.Diagnostics;

namespace Coffer.Bundles;

/// <summary>
/// What this device may do with one bundle, by a license that was verified and authorized. Only
/// <see cref="VerifiedLicense.Authorize(VerifiedBundle, IDeviceKey, AuthorizationOptions?)"/> makes one. Holds no key. Safe for
/// concurrent use; disposal returns leased calls that were not used.
/// </summary>
[DebuggerDisplay("{ToString(),nq}")]
public sealed class Entitlement : IDisposable
{
    internal const string Any = "*";

    private readonly LicenseClaims _claims;
    private readonly List<LicensedKey> _keys;
    private readonly UsageLease? _lease;
    private readonly TimeProvider _clock;
    private readonly FrozenSet<string> _tasks;
    private readonly FrozenSet<string> _providers;
    private readonly bool _anyTask;
    private readonly bool _allowsLocal;
    private readonly bool _allowsRemote;
    private readonly long _expiresTicks;
    private volatile bool _disposed;

    internal Entitlement(LicenseClaims claims, string bundleId, string manifestDigest, List<LicensedKey> keys, UsageLease? lease, TimeProvider clock)
    {
        _claims = claims;
        _keys = keys;
        _lease = lease;
        _clock = clock;
        _tasks = claims.Tasks.ToFrozenSet(StringComparer.Ordinal);
        _providers = claims.Providers.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        _anyTask = _tasks.Contains(Any);
        _allowsLocal = claims.Targets.Contains(ExecutionTarget.Local);
        _allowsRemote = claims.Targets.Contains(ExecutionTarget.Remote);
        _expiresTicks = claims.Expires?.UtcTicks ?? long.MaxValue;
        BundleId = bundleId;
        ManifestDigest = manifestDigest;
    }

    /// <summary>The grant, <c>lid</c>.</summary>
    public string LicenseId => _claims.LicenseId;

    /// <summary>The number of the token within its grant, <c>seq</c>; a renewal's is higher.</summary>
    public long Sequence => _claims.Sequence;

    /// <summary>Who may use it.</summary>
    public string Licensee => _claims.Licensee;

    /// <summary>Who issued the license.</summary>
    public string Issuer => _claims.Issuer;

    /// <summary>From when calls are refused; null for never.</summary>
    public DateTimeOffset? Expires => _claims.Expires;

    /// <summary>What may be predicted; <c>*</c> for everything.</summary>
    public IReadOnlyList<string> Tasks => _claims.Tasks;

    /// <summary>Where it may run.</summary>
    public IReadOnlyList<ExecutionTarget> Targets => _claims.Targets;

    /// <summary>The allowed execution providers; <c>*</c> for every one.</summary>
    public IReadOnlyList<string> Providers => _claims.Providers;

    /// <summary>The bundle's full id.</summary>
    public string BundleId { get; }

    /// <summary>The bundle's manifest, SHA-256 in lowercase hex.</summary>
    public string ManifestDigest { get; }

    /// <summary>Whether an execution provider may be used. Names compare without case.</summary>
    public bool AllowsProvider(string name) => _providers.Contains(Any) || _providers.Contains(name);

    /// <summary>Refuses an execution provider that the license does not allow.</summary>
    /// <exception cref="LicenseException"><see cref="LicenseError.ProviderNotLicensed"/>.</exception>
    public void RequireProvider(string name)
    {
        if (!AllowsProvider(name))
        {
            throw new LicenseException(LicenseError.ProviderNotLicensed, $"The license allows the execution providers {Shown(Providers)}, and '{name}' is to run. Choose an allowed one, or ask for a license that includes it.");
        }
    }

    /// <summary>Begins a call: checks time, task and target, and takes its inputs out of the quota. Lock-free and without allocation, but for the moments when a block of calls is leased.</summary>
    /// <param name="task">What is predicted.</param>
    /// <param name="target">Where it runs first.</param>
    /// <param name="units">How many inputs; at least 1.</param>
    /// <exception cref="LicenseException">
    /// <see cref="LicenseError.Expired"/>, <see cref="LicenseError.TaskNotLicensed"/>, <see cref="LicenseError.TargetNotLicensed"/>,
    /// <see cref="LicenseError.QuotaExceeded"/>, or an error of the ledger.
    /// </exception>
    public EntitledCall Begin(string task, ExecutionTarget target, int units = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(units);
        RequireNow(target);
        if (!_anyTask && !_tasks.Contains(task))
        {
            throw new LicenseException(LicenseError.TaskNotLicensed, $"The license allows the tasks {Shown(Tasks)}, and this call does '{task}'. Ask for a license with that task.");
        }

        _lease?.Take(units);
        return new EntitledCall(this, units);
    }

    /// <summary>Ends the entitlement: later calls throw, and leased calls that were not used go back to the quota.</summary>
    public void Dispose()
    {
        _disposed = true;
        _lease?.Dispose();
    }

    /// <summary>Grant, licensee and bundle; nothing secret.</summary>
    public override string ToString() => $"Entitlement {LicenseId} of {Licensee} for {BundleId}";

    internal void RequireNow(ExecutionTarget target)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var now = _clock.GetUtcNow();
        if (now.UtcTicks >= _expiresTicks)
        {
            throw VerifiedLicense.Expired(_claims, now);
        }

        if (!(target == ExecutionTarget.Local ? _allowsLocal : _allowsRemote))
        {
            throw new LicenseException(LicenseError.TargetNotLicensed, $"The license allows the targets {Shown(Targets.Select(t => t.ToString()))}, and this call is for {target}. Ask for a license that includes it.");
        }
    }

    /// <summary>Opens the content keys of this bundle with the device that the license is bound to.</summary>
    /// <exception cref="LicenseException"><see cref="LicenseError.KeyUnwrapFailed"/>.</exception>
    internal ContentKeys UnwrapKeys(IDeviceKey device)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var keys = new ContentKeys();
        try
        {
            foreach (var key in _keys)
            {
                keys.Add(key.Group, WrappedContentKey.Unwrap(key.Jwe, key.KeyId, device));
            }

            return keys;
        }
        catch (KeyException e) when (e.Error is KeyError.UnwrapFailed or KeyError.UnsupportedKey)
        {
            keys.Dispose();
            throw new LicenseException(LicenseError.KeyUnwrapFailed, $"A content key in the license does not open on this device. {e.Message}", e);
        }
        catch
        {
            keys.Dispose();
            throw;
        }
    }

    private static string Shown(IEnumerable<string> names) => string.Join(", ", names) is { Length: > 0 } list ? list : "none";
}
