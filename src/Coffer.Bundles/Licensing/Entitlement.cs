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
    private readonly UsageLedger? _ledger;
    private readonly UsageLease[] _leases;
    private readonly CallSeats? _seats;
    private readonly EntitlementWatch _watch;
    private readonly FrozenSet<string> _tasks;
    private readonly FrozenSet<string> _providers;
    private readonly bool _anyTask;
    private readonly bool _allowsLocal;
    private readonly bool _allowsRemote;
    private volatile bool _disposed;

    internal Entitlement(VerifiedLicense license, OpenedBundle bundle, Admitted admitted, UsageLedger? ledger, List<LicensedKey> keys)
    {
        License = license;
        _claims = license.Claims;
        _keys = keys;
        _ledger = ledger is not null && ledger.Id == _claims.Ledger ? ledger.Share() : null;
        _leases = [.. license.Tokens.Where(token => token.Claims.Calls is not null).Select(Lease)];

        // Under the issuer's own grant, so that tokens side by side on one device share its limit.
        _seats = _claims.Concurrent is { } concurrent ? new CallSeats(_ledger!.Share(), license.Tokens[0].Grant, concurrent) : null;
        _watch = new EntitlementWatch(_claims, admitted, _ledger, _leases);
        _tasks = _claims.Tasks.ToFrozenSet(StringComparer.Ordinal);
        _providers = _claims.Providers.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        _anyTask = _tasks.Contains(Any);
        _allowsLocal = _claims.Targets.Contains(ExecutionTarget.Local);
        _allowsRemote = _claims.Targets.Contains(ExecutionTarget.Remote);
        BundleId = bundle.Manifest.Id;
        ManifestDigest = bundle.ManifestDigest;

        UsageLease Lease(LicenseToken token) => new(_ledger!.Share(), token.Grant, token.Claims.Sequence, token.Claims.Calls!.Value, token.Claims.Window);
    }

    /// <summary>
    /// The state became another. Raised on the thread of the call that found out, once for each change; a license in a state
    /// other than <see cref="EntitlementState.Current"/> when it is authorized has no change to tell: see <see cref="State"/>.
    /// </summary>
    public event EventHandler<EntitlementStateChangedEventArgs>? StateChanged;

    /// <summary>The license, whose status lists can be fetched.</summary>
    internal VerifiedLicense License { get; }

    /// <summary>How well the license is known to stand with its issuer, as of the last call.</summary>
    public EntitlementState State => _watch.State;

    /// <summary>From when calls are refused unless a fresh status list comes; null where they are not.</summary>
    public DateTimeOffset? RefusedFrom => _watch.RefusedFrom;

    /// <summary>A mark for outputs and audit; null for none.</summary>
    public string? Watermark => _claims.Watermark;

    /// <summary>Where inputs may go, and what must be removed first; null where they may go nowhere.</summary>
    public RemoteTerms? Remote => _claims.Remote;

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

    /// <summary>Refuses an endpoint that the license does not allow.</summary>
    /// <exception cref="LicenseException"><see cref="LicenseError.TargetNotLicensed"/> or <see cref="LicenseError.EndpointNotLicensed"/>.</exception>
    public void RequireEndpoint(Uri endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        RequireNow(ExecutionTarget.Remote);
        if (_claims.Remote?.Allows(endpoint) != true)
        {
            throw new LicenseException(LicenseError.EndpointNotLicensed, $"The license allows the endpoints {Shown(_claims.Remote?.Endpoints ?? [])}, and inputs would go to {endpoint.GetLeftPart(UriPartial.Path)}. Use an allowed one, or ask for a license that includes it.");
        }
    }

    /// <summary>Refuses an input to an endpoint unless what the license wants removed was removed. Without allocation where it was.</summary>
    /// <param name="removed">The kinds of content that were removed from the input, for example <c>email</c>.</param>
    /// <exception cref="LicenseException"><see cref="LicenseError.NotDesensitised"/>.</exception>
    public void RequireDesensitised(IReadOnlySet<string> removed)
    {
        ArgumentNullException.ThrowIfNull(removed);
        var wanted = _claims.Remote?.Desensitise ?? [];
        for (var i = 0; i < wanted.Count; i++)
        {
            if (!removed.Contains(wanted[i]))
            {
                throw new LicenseException(LicenseError.NotDesensitised, $"The license wants {Shown(wanted)} removed from inputs before they leave, and {Shown(wanted.Where(kind => !removed.Contains(kind)))} was not. Put a predictor that removes it around the one on the endpoint.");
            }
        }
    }

    /// <summary>
    /// Begins a call: checks time, status, task and target, and takes its inputs out of the quota. Lock-free and without
    /// allocation, but for the moments when a block of calls is leased, or once a second when time and status are looked at
    /// again. Dispose what it returns when the call ends.
    /// </summary>
    /// <param name="task">What is predicted.</param>
    /// <param name="target">Where it runs first.</param>
    /// <param name="units">How many inputs; at least 1.</param>
    /// <exception cref="LicenseException">
    /// <see cref="LicenseError.Expired"/>, <see cref="LicenseError.TaskNotLicensed"/>, <see cref="LicenseError.TargetNotLicensed"/>,
    /// <see cref="LicenseError.QuotaExceeded"/>, <see cref="LicenseError.ConcurrencyExceeded"/>, a revocation, a status that is not
    /// known any more and must be, or an error of the ledger.
    /// </exception>
    public EntitledCall Begin(string task, ExecutionTarget target, int units = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(units);
        RequireNow(target);
        if (!_anyTask && !_tasks.Contains(task))
        {
            throw new LicenseException(LicenseError.TaskNotLicensed, $"The license allows the tasks {Shown(Tasks)}, and this call does '{task}'. Ask for a license with that task.");
        }

        var seat = _seats?.Take() ?? Seat.None;
        try
        {
            TakeFromQuotas(units);
            return new EntitledCall(this, units, seat);
        }
        catch
        {
            End(seat);
            throw;
        }
    }

    /// <summary>Ends the entitlement: later calls throw, and leased calls that were not used go back to the quota.</summary>
    public void Dispose()
    {
        _disposed = true;
        Array.ForEach(_leases, lease => lease.Dispose());
        _seats?.Dispose();
        _ledger?.Dispose();
    }

    /// <summary>Grant, licensee and bundle; nothing secret.</summary>
    public override string ToString() => $"Entitlement {LicenseId} of {Licensee} for {BundleId}";

    internal void RequireNow(ExecutionTarget target)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_watch.Pass() is { } before)
        {
            StateChanged?.Invoke(this, new EntitlementStateChangedEventArgs(before, _watch.State, _watch.RefusedFrom));
        }

        if (!(target == ExecutionTarget.Local ? _allowsLocal : _allowsRemote))
        {
            throw new LicenseException(LicenseError.TargetNotLicensed, $"The license allows the targets {Shown(Targets.Select(t => t.ToString()))}, and this call is for {target}. Ask for a license that includes it.");
        }
    }

    internal void End(Seat seat)
    {
        if (seat != Seat.None)
        {
            _seats!.GiveBack(seat);
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

    // A license that was passed on may have a quota in every token: all of them are charged, or none.
    private void TakeFromQuotas(int units)
    {
        for (var i = 0; i < _leases.Length; i++)
        {
            try
            {
                _leases[i].Take(units);
            }
            catch
            {
                while (--i >= 0)
                {
                    _leases[i].PutBack(units);
                }

                throw;
            }
        }
    }

    private static string Shown(IEnumerable<string> names) => string.Join(", ", names) is { Length: > 0 } list ? list : "none";
}
