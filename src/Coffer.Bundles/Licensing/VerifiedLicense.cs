using System.Security.Cryptography;

namespace Coffer.Bundles;

/// <summary>
/// A license whose signatures were verified. Only <see cref="License.Verify"/> makes one, and only this authorizes. Each check
/// is a method, in the order of LICENSES.md; the first refusal counts.
/// </summary>
public sealed class VerifiedLicense
{
    private readonly Dictionary<string, long> _publishers;

    /// <param name="license">What was read.</param>
    /// <param name="tokens">Its tokens, each with the key that signed it.</param>
    /// <param name="publishers">Whose models it may be for, and the version of the issuer set that says so: 0 where none does.</param>
    internal VerifiedLicense(License license, IReadOnlyList<LicenseToken> tokens, Dictionary<string, long> publishers)
    {
        License = license;
        Claims = license.Claims;
        Tokens = tokens;
        _publishers = publishers;
    }

    /// <summary>What the license allows: what the last token states, within what all above it give.</summary>
    public LicenseClaims Claims { get; }

    internal License License { get; }

    /// <summary>Every token, the issuer's first.</summary>
    internal IReadOnlyList<LicenseToken> Tokens { get; }

    /// <summary>What its calls are counted under: the last token that says how many.</summary>
    internal GrantId QuotaGrant => (Tokens.LastOrDefault(token => token.Claims.Calls is not null) ?? Tokens[^1]).Grant;

    /// <summary>Decides whether this device may use this bundle now. Signs a fresh challenge with the device key.</summary>
    /// <exception cref="LicenseException">It may not; the error says why.</exception>
    /// <exception cref="KeyException">The device key failed.</exception>
    public Entitlement Authorize(VerifiedBundle bundle, IDeviceKey device, AuthorizationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        return Authorize(OpenedBundle.Of(bundle), device, options);
    }

    /// <summary>Why <see cref="Authorize(VerifiedBundle, IDeviceKey, AuthorizationOptions?)"/> would refuse now, and a first call after it; nothing is recorded.</summary>
    /// <returns>The refusal; null where there is none.</returns>
    /// <exception cref="KeyException">The device key failed.</exception>
    public LicenseException? FindRefusal(VerifiedBundle bundle, IDeviceKey device, AuthorizationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        ArgumentNullException.ThrowIfNull(device);
        return FindRefusal(OpenedBundle.Of(bundle), device, options ?? new AuthorizationOptions());
    }

    internal LicenseException? FindRefusal(OpenedBundle bundle, IDeviceKey device, AuthorizationOptions options)
    {
        try
        {
            var admitted = Examine(bundle, device, options, isTrial: true);
            return FindUsedUp(LedgerOf(device, options), admitted.Clock.Now());
        }
        catch (LicenseException e)
        {
            return e;
        }
    }

    // Every token's quota is charged, and licenses side by side on a device share those above them.
    private LicenseException? FindUsedUp(UsageLedger? ledger, DateTimeOffset now)
    {
        var counted = Tokens.Where(token => token.Claims.Calls is not null);
        return counted.FirstOrDefault(token => LicenseUsage.Of(token.Claims, ledger!.Entry(token.Grant)).Left(token.Claims, now) == 0) is { } used
            ? Refused(LicenseError.QuotaExceeded, $"All {used.Claims.Calls} calls are used. Ask the issuer '{CompactToken.Shown(used.Claims.Issuer)}' for a renewal with more.")
            : null;
    }

    /// <summary>The same for a manifest that the caller has verified.</summary>
    internal Entitlement Authorize(OpenedBundle bundle, IDeviceKey device, AuthorizationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        options ??= new AuthorizationOptions();
        var admitted = Examine(bundle, device, options, isTrial: false);
        return new Entitlement(this, bundle, admitted, LedgerOf(device, options), RequireKeys(bundle.Manifest));
    }

    private static UsageLedger? LedgerOf(IDeviceKey device, AuthorizationOptions options) => options.Ledger ?? device.Ledger;

    private Admitted Examine(OpenedBundle bundle, IDeviceKey device, AuthorizationOptions options, bool isTrial)
    {
        var clock = new LicenseClock(options.Clock);
        var status = new StatusCheck(Tokens, options.StatusLists, bundle, device.SigningKey.Thumbprint);
        RequireIssuerOf(bundle.Manifest);
        RequireUnderstanding();
        RequireSdk();
        RequireTime(clock, bundle);
        RequireAudience(options.Audience);
        RequireModel(bundle.Manifest, bundle.ManifestDigest);
        RequireTaskAndTarget(bundle.Manifest);
        _ = RequireKeys(bundle.Manifest);
        RequireDevice(device);
        var verdict = status.Check(clock.Now(), Claims.Offline);
        var admission = new LedgerAdmission(Tokens, bundle, Claims.Audience, status, _publishers[bundle.Manifest.Publisher], options.AllowOlderBundle);
        Admit(LedgerOf(device, options), admission, clock, isTrial);

        // The ledger may know that it is later than the clock said.
        RequireNotExpired(clock.Now());
        return new Admitted(clock, status, verdict, admission);
    }

    private void RequireIssuerOf(BundleManifest manifest)
    {
        if (!_publishers.ContainsKey(manifest.Publisher))
        {
            throw Refused(LicenseError.IssuerUntrusted, $"The publisher '{manifest.Publisher}' of this bundle does not allow '{Claims.Issuer}' to license its models. Get a license from one of its issuers.");
        }
    }

    private void RequireUnderstanding()
    {
        if (Claims.NotEnforced.Count > 0)
        {
            throw Refused(LicenseError.NotEnforceable, $"The license sets limits that this SDK version ({SdkInfo.Version}) does not enforce: {string.Join(", ", Claims.NotEnforced)}. It refuses rather than ignore them; update the SDK, or ask for a license without them.");
        }

        if (Claims.Must.Except(ClaimNames.Enforced, StringComparer.Ordinal).ToList() is { Count: > 0 } unknown)
        {
            throw Refused(LicenseError.RequirementUnknown, $"The license requires the understanding of {string.Join(", ", unknown.Select(CompactToken.Shown))}, which this SDK version ({SdkInfo.Version}) does not know. Update the SDK.");
        }
    }

    private void RequireSdk()
    {
        if (Claims.MinSdk is { } required && SdkInfo.Version < required)
        {
            throw Refused(LicenseError.SdkTooOld, $"The license requires SDK {required}, and this is {SdkInfo.Version}. Update the SDK.");
        }
    }

    private void RequireTime(LicenseClock clock, OpenedBundle bundle)
    {
        clock.Require(SdkInfo.Released, "this SDK's release");
        foreach (var token in Tokens)
        {
            if (token.Claims.IssuedAt > clock.Now() + LicenseClock.Leeway)
            {
                throw Refused(LicenseError.NotYetValid, $"The license was issued at {LicenseClock.Shown(token.Claims.IssuedAt)}, and the clock of this machine says {LicenseClock.Shown(clock.Now())}. Set the clock.");
            }

            clock.Require(token.Claims.IssuedAt, "the license");
        }

        if (bundle.Signature?.Timestamp is { } timestamp)
        {
            clock.Require(timestamp, "the bundle's timestamp");
        }

        var now = clock.Now();
        if (Claims.NotBefore > now + LicenseClock.Leeway)
        {
            throw Refused(LicenseError.NotYetValid, $"The license is valid from {LicenseClock.Shown(Claims.NotBefore.Value)}, and it is {LicenseClock.Shown(now)}. Wait until then, or set the clock.");
        }

        RequireNotExpired(now);
    }

    private void RequireNotExpired(DateTimeOffset now)
    {
        if (Claims.Expires <= now)
        {
            throw Expired(Claims, now);
        }
    }

    private void RequireAudience(string? audience)
    {
        if (Claims.Audience is { } required && required != audience)
        {
            throw Refused(LicenseError.AudienceMismatch, $"The license is for the application '{required}', and this one says that it is '{audience ?? "(unnamed)"}'. Set {nameof(AuthorizationOptions)}.{nameof(AuthorizationOptions.Audience)}, or use the license of this application.");
        }
    }

    private void RequireModel(BundleManifest manifest, string manifestDigest)
    {
        var named = Claims.Models.Where(model => model.Id == manifest.Id).ToList();
        if (named.Count == 0)
        {
            throw Refused(LicenseError.ModelNotLicensed, $"The license is for {List(Claims.Models.Select(model => model.Id))}, and this bundle is '{manifest.Id}'. Use the license of this model.");
        }

        var inRange = named.FindAll(model => model.Versions.Contains(manifest.Version));
        if (inRange.Count == 0)
        {
            throw Refused(LicenseError.VersionNotLicensed, $"The license is for '{manifest.Id}' in versions {List(named.Select(model => model.Versions.ToString()))}, and this bundle has {manifest.Version}. Use such a version, or ask for a license of this one.");
        }

        if (!inRange.Exists(model => model.ManifestDigest is null || model.ManifestDigest == manifestDigest))
        {
            throw Refused(LicenseError.DigestMismatch, $"The license names one manifest of '{manifest.Id}' {manifest.Version}, and this bundle has another ({manifestDigest}). Use the bundle that the license was issued for.");
        }
    }

    private void RequireTaskAndTarget(BundleManifest manifest)
    {
        if (!Claims.Tasks.Contains(Entitlement.Any) && !Claims.Tasks.Contains(manifest.Task))
        {
            throw Refused(LicenseError.TaskNotLicensed, $"The license allows the tasks {List(Claims.Tasks)}, and this bundle does '{manifest.Task}'. Ask for a license with that task.");
        }

        if (Claims.Targets.Count == 0)
        {
            throw Refused(LicenseError.TargetNotLicensed, "The license allows no target to run on. Ask for one with the target 'local' or 'remote'.");
        }
    }

    private List<LicensedKey> RequireKeys(BundleManifest manifest)
    {
        var keys = Claims.Keys.Where(key => manifest.KeyIds.TryGetValue(key.Group, out var id) && id == key.KeyId).ToList();
        var needed = Claims.Targets.Contains(ExecutionTarget.Local)
            ? manifest.KeyIds
            : manifest.KeyIds.Where(pair => pair.Key == PartGroup.Settings);
        foreach (var (group, id) in needed)
        {
            if (!keys.Exists(key => key.Group == group))
            {
                throw Refused(LicenseError.KeyMissing, $"The license lacks the content key '{id}' ({KeyGroupName.Of(group)}) of this bundle. Ask for a license that includes it.");
            }
        }

        return keys;
    }

    private void RequireDevice(IDeviceKey device)
    {
        if (Claims.Device is null)
        {
            throw Refused(LicenseError.NotForADevice, $"The license lets '{CompactToken.Shown(Claims.Licensee)}' issue licenses for devices, and is for none itself. Have it issue one for this device ('coffer license narrow').");
        }

        if (device.SigningKey.Thumbprint != Claims.Device)
        {
            throw Refused(LicenseError.DeviceMismatch, $"The license is bound to the device {Claims.Device}, and this one is {device.SigningKey.Thumbprint}. Use the license of this device, or have one issued for its public file.");
        }

        // Fresh and under a prefix of its own: an old answer, or a signature that the device made for something else, proves nothing.
        Span<byte> signature = stackalloc byte[Es256.SignatureSize];
        byte[] challenge = [.. "coffer/device-challenge/1\0"u8, .. RandomNumberGenerator.GetBytes(32)];
        device.Sign(challenge, signature);
        if (!Es256.Verify(device.SigningKey, challenge, signature))
        {
            throw Refused(LicenseError.DeviceUnproven, $"The device {Claims.Device} did not prove that it holds its signing key. Check the key store that the device key comes from.");
        }
    }

    private void Admit(UsageLedger? ledger, LedgerAdmission admission, LicenseClock clock, bool isTrial)
    {
        var isNamed = ledger is not null && ledger.Id == Claims.Ledger;
        var isNeeded = Claims.CountsCalls || Claims.Offline is not null;
        if (isNeeded && !isNamed)
        {
            throw Refused(LicenseError.LedgerMissing, $"The license counts calls or time in the ledger '{Claims.Ledger ?? "(none)"}' of its device, and {(ledger is null ? "no ledger is given" : $"the ledger given is '{ledger.Id}'")}. Restore the ledger beside the device key, or have a license issued for the device as it is.");
        }

        if (!isNamed)
        {
            return;
        }

        try
        {
            _ = ledger!.Update(content =>
            {
                admission.Admit(content, clock);
                return true;
            }, commit: !isTrial);
        }
        catch (LicenseException e) when (!isNeeded && (e.Error is LicenseError.LedgerMissing or LicenseError.LedgerUnavailable))
        {
            // Only counting needs the ledger: a device on a read-only file system must be able to use a license that counts nothing.
        }
    }

    internal static LicenseException Expired(LicenseClaims claims, DateTimeOffset now) =>
        Refused(LicenseError.Expired, $"The license expired at {LicenseClock.Shown(claims.Expires!.Value)}, and it is {LicenseClock.Shown(now)}. Ask the issuer '{claims.Issuer}' for a renewal.");

    private static LicenseException Refused(LicenseError error, string message) => new(error, message);

    private static string List(IEnumerable<string> items) => string.Join(", ", items.Select(CompactToken.Shown)) is { Length: > 0 } list ? list : "none";
}
