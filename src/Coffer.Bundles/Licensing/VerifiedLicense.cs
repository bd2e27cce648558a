namespace Coffer.Bundles;

/// <summary>
/// A license whose signatures were verified. Only <see cref="License.Verify"/> makes one, and only this authorizes, by the rules
/// of LICENSES.md in their order.
/// </summary>
public sealed class VerifiedLicense
{
    /// <param name="license">What was read.</param>
    /// <param name="tokens">Its tokens, each with the key that signed it.</param>
    /// <param name="publishers">Whose models it may be for, and the version of the issuer set that says so: 0 where none does.</param>
    internal VerifiedLicense(License license, IReadOnlyList<LicenseToken> tokens, Dictionary<string, long> publishers)
    {
        License = license;
        Claims = license.Claims;
        Tokens = tokens;
        Publishers = publishers;
    }

    /// <summary>What the license allows: what the last token states, within what all above it give.</summary>
    public LicenseClaims Claims { get; }

    internal License License { get; }

    /// <summary>Whose models it may be for, and the version of the issuer set that says so.</summary>
    internal IReadOnlyDictionary<string, long> Publishers { get; }

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
            var examination = new LicenseExamination(this, bundle, device, options);
            return FindUsedUp(examination.Ledger, examination.Examine(isTrial: true).Clock.Now());
        }
        catch (LicenseException e)
        {
            return e;
        }
    }

    /// <summary>The same for a manifest that the caller has verified.</summary>
    internal Entitlement Authorize(OpenedBundle bundle, IDeviceKey device, AuthorizationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        var examination = new LicenseExamination(this, bundle, device, options ?? new AuthorizationOptions());
        var admitted = examination.Examine(isTrial: false);
        return new Entitlement(this, bundle, admitted, examination.Ledger, examination.Keys);
    }

    // Every token's quota is charged, and licenses side by side on a device share those above them.
    private LicenseException? FindUsedUp(UsageLedger? ledger, DateTimeOffset now)
    {
        var counted = Tokens.Where(token => token.Claims.Calls is not null);
        return counted.FirstOrDefault(token => LicenseUsage.Of(token.Claims, ledger!.Entry(token.Grant)).Left(token.Claims, now) == 0) is { } used
            ? new LicenseException(LicenseError.QuotaExceeded, $"All {used.Claims.Calls} calls are used. Ask the issuer '{CompactToken.Shown(used.Claims.Issuer)}' for a renewal with more.")
            : null;
    }
}
