using System.Security.Cryptography;

namespace Coffer.Bundles;

/// <summary>
/// Decides whether a device may use a bundle now under a license. Each rule of LICENSES.md is a method, in its order; the first
/// refusal counts.
/// </summary>
internal sealed class LicenseExamination
{
    private readonly VerifiedLicense _license;
    private readonly LicenseClaims _claims;
    private readonly OpenedBundle _bundle;
    private readonly BundleManifest _manifest;
    private readonly IDeviceKey _device;
    private readonly AuthorizationOptions _options;

    public LicenseExamination(VerifiedLicense license, OpenedBundle bundle, IDeviceKey device, AuthorizationOptions options)
    {
        _license = license;
        _claims = license.Claims;
        _bundle = bundle;
        _manifest = bundle.Manifest;
        _device = device;
        _options = options;
        Ledger = options.Ledger ?? device.Ledger;
        Keys = [.. _claims.Keys.Where(key => _manifest.KeyIds.TryGetValue(key.Group, out var id) && id == key.KeyId)];
    }

    /// <summary>The device's ledger; null where it has none.</summary>
    public UsageLedger? Ledger { get; }

    /// <summary>The license's content keys of this bundle.</summary>
    public List<LicensedKey> Keys { get; }

    /// <param name="isTrial">Whether the ledger is only asked, and nothing is recorded in it.</param>
    /// <exception cref="LicenseException">The license is refused.</exception>
    /// <exception cref="KeyException">The device key failed.</exception>
    public Admitted Examine(bool isTrial)
    {
        var clock = new LicenseClock(_options.Clock);
        var status = new StatusCheck(_license.Tokens, _options.StatusLists, _bundle, _device.SigningKey.Thumbprint);
        RequireIssuer();
        RequireUnderstanding();
        RequireSdk();
        RequireTime(clock);
        RequireAudience();
        RequireModel();
        RequireTaskAndTarget();
        RequireKeys();
        RequireDevice();
        var verdict = status.Check(clock.Now(), _claims.Offline);
        var admission = new LedgerAdmission(_license.Tokens, _bundle, _claims.Audience, status, _license.Publishers[_manifest.Publisher], _options.AllowOlderBundle);
        Admit(admission, clock, isTrial);

        // The ledger may know that it is later than the clock said.
        RequireNotExpired(clock.Now());
        return new Admitted(clock, status, verdict, admission);
    }

    private void RequireIssuer()
    {
        if (!_license.Publishers.ContainsKey(_manifest.Publisher))
        {
            throw Refused(LicenseError.IssuerUntrusted, $"The publisher '{_manifest.Publisher}' of this bundle does not allow '{_claims.Issuer}' to license its models. Get a license from one of its issuers.");
        }
    }

    private void RequireUnderstanding()
    {
        if (_claims.NotEnforced.Count > 0)
        {
            throw Refused(LicenseError.NotEnforceable, $"The license sets limits that this SDK version ({SdkInfo.Version}) does not enforce: {string.Join(", ", _claims.NotEnforced)}. It refuses rather than ignore them; update the SDK, or ask for a license without them.");
        }

        if (_claims.Must.Except(ClaimNames.Enforced, StringComparer.Ordinal).ToList() is { Count: > 0 } unknown)
        {
            throw Refused(LicenseError.RequirementUnknown, $"The license requires the understanding of {string.Join(", ", unknown.Select(CompactToken.Shown))}, which this SDK version ({SdkInfo.Version}) does not know. Update the SDK.");
        }
    }

    private void RequireSdk()
    {
        if (_claims.MinSdk is { } required && SdkInfo.Version < required)
        {
            throw Refused(LicenseError.SdkTooOld, $"The license requires SDK {required}, and this is {SdkInfo.Version}. Update the SDK.");
        }
    }

    private void RequireTime(LicenseClock clock)
    {
        clock.Require(SdkInfo.Released, "this SDK's release");
        foreach (var token in _license.Tokens)
        {
            if (token.Claims.IssuedAt > clock.Now() + LicenseClock.Leeway)
            {
                throw Refused(LicenseError.NotYetValid, $"The license was issued at {LicenseClock.Shown(token.Claims.IssuedAt)}, and the clock of this machine says {LicenseClock.Shown(clock.Now())}. Set the clock.");
            }

            clock.Require(token.Claims.IssuedAt, "the license");
        }

        if (_bundle.Signature?.Timestamp is { } timestamp)
        {
            clock.Require(timestamp, "the bundle's timestamp");
        }

        var now = clock.Now();
        if (_claims.NotBefore > now + LicenseClock.Leeway)
        {
            throw Refused(LicenseError.NotYetValid, $"The license is valid from {LicenseClock.Shown(_claims.NotBefore.Value)}, and it is {LicenseClock.Shown(now)}. Wait until then, or set the clock.");
        }

        RequireNotExpired(now);
    }

    private void RequireNotExpired(DateTimeOffset now)
    {
        if (_claims.Expires <= now)
        {
            throw Expired(_claims, now);
        }
    }

    private void RequireAudience()
    {
        if (_claims.Audience is { } required && required != _options.Audience)
        {
            throw Refused(LicenseError.AudienceMismatch, $"The license is for the application '{required}', and this one says that it is '{_options.Audience ?? "(unnamed)"}'. Set {nameof(AuthorizationOptions)}.{nameof(AuthorizationOptions.Audience)}, or use the license of this application.");
        }
    }

    private void RequireModel()
    {
        var named = _claims.Models.Where(model => model.Id == _manifest.Id).ToList();
        if (named.Count == 0)
        {
            throw Refused(LicenseError.ModelNotLicensed, $"The license is for {List(_claims.Models.Select(model => model.Id))}, and this bundle is '{_manifest.Id}'. Use the license of this model.");
        }

        var inRange = named.FindAll(model => model.Versions.Contains(_manifest.Version));
        if (inRange.Count == 0)
        {
            throw Refused(LicenseError.VersionNotLicensed, $"The license is for '{_manifest.Id}' in versions {List(named.Select(model => model.Versions.ToString()))}, and this bundle has {_manifest.Version}. Use such a version, or ask for a license of this one.");
        }

        if (!inRange.Exists(model => model.ManifestDigest is null || model.ManifestDigest == _bundle.ManifestDigest))
        {
            throw Refused(LicenseError.DigestMismatch, $"The license names one manifest of '{_manifest.Id}' {_manifest.Version}, and this bundle has another ({_bundle.ManifestDigest}). Use the bundle that the license was issued for.");
        }
    }

    private void RequireTaskAndTarget()
    {
        if (!_claims.Tasks.Contains(Entitlement.Any) && !_claims.Tasks.Contains(_manifest.Task))
        {
            throw Refused(LicenseError.TaskNotLicensed, $"The license allows the tasks {List(_claims.Tasks)}, and this bundle does '{_manifest.Task}'. Ask for a license with that task.");
        }

        if (_claims.Targets.Count == 0)
        {
            throw Refused(LicenseError.TargetNotLicensed, "The license allows no target to run on. Ask for one with the target 'local' or 'remote'.");
        }
    }

    private void RequireKeys()
    {
        var needed = _claims.Targets.Contains(ExecutionTarget.Local)
            ? _manifest.KeyIds
            : _manifest.KeyIds.Where(pair => pair.Key == PartGroup.Settings);
        foreach (var (group, id) in needed)
        {
            if (!Keys.Exists(key => key.Group == group))
            {
                throw Refused(LicenseError.KeyMissing, $"The license lacks the content key '{id}' ({KeyGroupName.Of(group)}) of this _bundle. Ask for a license that includes it.");
            }
        }
    }

    private void RequireDevice()
    {
        if (_claims.Device is null)
        {
            throw Refused(LicenseError.NotForADevice, $"The license lets '{CompactToken.Shown(_claims.Licensee)}' issue licenses for devices, and is for none itself. Have it issue one for this device ('coffer license narrow').");
        }

        if (_device.SigningKey.Thumbprint != _claims.Device)
        {
            throw Refused(LicenseError.DeviceMismatch, $"The license is bound to the device {_claims.Device}, and this one is {_device.SigningKey.Thumbprint}. Use the license of this device, or have one issued for its public file.");
        }

        // Fresh and under a prefix of its own: an old answer, or a signature that the device made for something else, proves nothing.
        Span<byte> signature = stackalloc byte[Es256.SignatureSize];
        byte[] challenge = [.. "coffer/device-challenge/1\0"u8, .. RandomNumberGenerator.GetBytes(32)];
        _device.Sign(challenge, signature);
        if (!Es256.Verify(_device.SigningKey, challenge, signature))
        {
            throw Refused(LicenseError.DeviceUnproven, $"The device {_claims.Device} did not prove that it holds its signing key. Check the key store that the device key comes from.");
        }
    }

    private void Admit(LedgerAdmission admission, LicenseClock clock, bool isTrial)
    {
        var isNamed = Ledger is not null && Ledger.Id == _claims.Ledger;
        var isNeeded = _claims.CountsCalls || _claims.Offline is not null;
        if (isNeeded && !isNamed)
        {
            throw Refused(LicenseError.LedgerMissing, $"The license counts calls or time in the ledger '{_claims.Ledger ?? "(none)"}' of its device, and {(Ledger is null ? "no ledger is given" : $"the ledger given is '{Ledger.Id}'")}. Restore the ledger beside the device key, or have a license issued for the device as it is.");
        }

        if (!isNamed)
        {
            return;
        }

        try
        {
            _ = Ledger!.Update(content =>
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

    public static LicenseException Expired(LicenseClaims claims, DateTimeOffset now) =>
        Refused(LicenseError.Expired, $"The license expired at {LicenseClock.Shown(claims.Expires!.Value)}, and it is {LicenseClock.Shown(now)}. Ask the issuer '{claims.Issuer}' for a renewal.");

    private static LicenseException Refused(LicenseError error, string message) => new(error, message);

    private static string List(IEnumerable<string> items) => string.Join(", ", items.Select(CompactToken.Shown)) is { Length: > 0 } list ? list : "none";
}
