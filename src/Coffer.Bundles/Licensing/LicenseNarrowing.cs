namespace Coffer.Bundles;

/// <summary>
/// The rights of a token below another: what it states must lie within what the one above gives it, and what it does not
/// state it inherits (LICENSES.md, "Delegation"). Limits that are counted or asked for, quotas and status lists, stay those of
/// every token of the chain besides.
/// </summary>
internal sealed class LicenseNarrowing
{
    private readonly LicenseClaims _above;
    private readonly LicenseClaims _below;

    private LicenseNarrowing(LicenseClaims above, LicenseClaims below) => (_above, _below) = (above, below);

    /// <param name="above">The rights down to the token above.</param>
    /// <param name="below">What the next token states.</param>
    /// <returns>The rights down to the next token.</returns>
    /// <exception cref="LicenseException"><see cref="LicenseError.DelegationInvalid"/>, or <see cref="LicenseError.Widened"/>: it names the claim.</exception>
    public static LicenseClaims Narrow(LicenseClaims above, LicenseClaims below) => new LicenseNarrowing(above, below).Narrow();

    private LicenseClaims Narrow()
    {
        RequireDelegation();
        return _below with
        {
            Audience = Only(ClaimNames.Audience, _above.Audience, _below.Audience),
            NotBefore = Within(ClaimNames.NotBefore, _below.NotBefore >= (_above.NotBefore ?? DateTimeOffset.MinValue), _below.NotBefore) ?? _above.NotBefore,
            Expires = Within(ClaimNames.Expires, _below.Expires <= (_above.Expires ?? DateTimeOffset.MaxValue), _below.Expires) ?? _above.Expires,
            Device = Only("cnf.jkt", _above.Device, _below.Device),
            Ledger = _below.Device is null ? _above.Ledger : _below.Ledger,
            Models = Items(ClaimNames.Models, _above.Models, _below.Models, (above, below) => Covers(above, below)),
            Keys = Items(ClaimNames.Keys, _above.Keys, _below.Keys, (above, below) => (above.KeyId, above.Group) == (below.KeyId, below.Group)),
            Tasks = Items(ClaimNames.Tasks, _above.Tasks, _below.Tasks, (above, below) => above == Entitlement.Any || above == below),
            Targets = Items(ClaimNames.Targets, _above.Targets, _below.Targets, (above, below) => above == below),
            Providers = Items(ClaimNames.Providers, _above.Providers, _below.Providers, (above, below) => above == Entitlement.Any || string.Equals(above, below, StringComparison.OrdinalIgnoreCase)),
            Calls = Calls(),
            Window = _below.Calls is null ? _above.Window : _below.Window,
            Concurrent = Within("quota.concurrent", _below.Concurrent <= (_above.Concurrent ?? int.MaxValue), _below.Concurrent) ?? _above.Concurrent,
            Offline = Offline(),
            Status = _below.Status ?? _above.Status,
            Remote = Remote(),
            Watermark = Only(ClaimNames.Watermark, _above.Watermark, _below.Watermark),
            MinSdk = Within(ClaimNames.MinSdk, _above.MinSdk is null || _below.MinSdk is null || _below.MinSdk >= _above.MinSdk, _below.MinSdk) ?? _above.MinSdk,
            Must = [.. _above.Must.Union(_below.Must, StringComparer.Ordinal)],
            NotEnforced = [.. _above.NotEnforced.Union(_below.NotEnforced, StringComparer.Ordinal)],
        };
    }

    private void RequireDelegation()
    {
        if (_above.Delegate is not { } delegation)
        {
            throw Broken($"the token of '{CompactToken.Shown(_above.Issuer)}' for '{CompactToken.Shown(_above.Licensee)}' lets nobody add one below it");
        }

        if (_below.Delegate?.Depth >= delegation.Depth)
        {
            throw Widened("delegate.depth");
        }
    }

    private long? Calls()
    {
        // Fewer calls in a longer span are fewer; no span at all is the longest.
        var isWithin = _above.Calls is null || (_below.Calls <= _above.Calls && (_below.Window ?? TimeSpan.MaxValue) >= (_above.Window ?? TimeSpan.MaxValue));
        return Within("quota.calls", isWithin, _below.Calls) ?? _above.Calls;
    }

    private OfflineTerms? Offline()
    {
        if (_below.Offline is null)
        {
            return _above.Offline;
        }

        if ((_below.Status ?? _above.Status) is null)
        {
            throw Broken("its claim 'offline' needs the claim 'status', there or above");
        }

        return _above.Offline is null || (_below.Offline.Max <= _above.Offline.Max && _below.Offline.Grace <= _above.Offline.Grace)
            ? _below.Offline
            : throw Widened(ClaimNames.Offline);
    }

    private RemoteTerms? Remote()
    {
        if (_below.Remote is null)
        {
            return _above.Remote;
        }

        var endpoints = Items("remote.endpoints", _above.Remote?.Endpoints ?? [], _below.Remote.Endpoints, RemoteTerms.Covers, isStated: true);
        return _above.Remote is null || _above.Remote.Desensitise.All(kind => _below.Remote.Desensitise.Contains(kind, StringComparer.Ordinal))
            ? _below.Remote with { Endpoints = endpoints }
            : throw Widened("remote.desensitise");
    }

    private static bool Covers(LicensedModel above, LicensedModel below) =>
        above.Id == below.Id && above.Versions.Contains(below.Versions) && (above.ManifestDigest ?? below.ManifestDigest) == below.ManifestDigest;

    private IReadOnlyList<T> Items<T>(string claim, IReadOnlyList<T> above, IReadOnlyList<T> below, Func<T, T, bool> covers, bool isStated = false) =>
        !isStated && !_below.Stated.Contains(claim) ? above
        : below.All(item => above.Any(allowed => covers(allowed, item))) ? below
        : throw Widened(claim);

    // A claim that names one thing: what is above decides, and where nothing is the token below may.
    private static string? Only(string claim, string? above, string? below) =>
        above is null || below is null || above == below ? above ?? below : throw Widened(claim);

    private static T Within<T>(string claim, bool isWithin, T value) => value is null || isWithin ? value : throw Widened(claim);

    private static LicenseException Broken(string what) =>
        new(LicenseError.DelegationInvalid, $"The license is refused: {what}. Ask who issued it for a new one.");

    private static LicenseException Widened(string claim) =>
        new(LicenseError.Widened, $"The license is refused: in the claim '{claim}' a token gives more than the one above it. Ask who issued it for a new one.");
}
