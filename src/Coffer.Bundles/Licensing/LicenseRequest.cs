namespace Coffer.Bundles;

/// <summary>What a license is to say. <see cref="For"/> fills in what a bundle's manifest knows.</summary>
public sealed record LicenseRequest
{
    /// <summary>The device, or with <see cref="DelegationDepth"/> the delegate: its public file.</summary>
    public required Recipient Recipient { get; init; }

    /// <summary>Who may use it: a tenant or customer.</summary>
    public required string Licensee { get; init; }

    /// <summary>The models.</summary>
    public required IReadOnlyList<LicensedModel> Models { get; init; }

    /// <summary>Ids of the content keys to include. The issuer needs a grant of each; without the target local, keys of weights are left out.</summary>
    public required IReadOnlyList<string> KeyIds { get; init; }

    /// <summary>What may be predicted; <c>*</c> for everything.</summary>
    public required IReadOnlyList<string> Tasks { get; init; }

    /// <summary>Where it may run. Default: local only.</summary>
    public IReadOnlyList<ExecutionTarget> Targets { get; init; } = [ExecutionTarget.Local];

    /// <summary>The execution providers. Default: <c>*</c>, every one.</summary>
    public IReadOnlyList<string> Providers { get; init; } = [Entitlement.Any];

    /// <summary>From when it is no longer valid. Default null: it does not expire.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>From when it is valid. Default null: at once.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>How many calls, at least 1, in all or in each <see cref="Window"/>; the device needs a ledger. Default null: any number.</summary>
    public long? Calls { get; init; }

    /// <summary>The span in which <see cref="Calls"/> may be made, whole seconds. Default null: they are a total.</summary>
    public TimeSpan? Window { get; init; }

    /// <summary>How many calls may run at once on the device, 1 to 1024; it needs a ledger. Default null: any number.</summary>
    public int? Concurrent { get; init; }

    /// <summary>How long it may be used without news from the issuer; needs <see cref="Status"/>, and a device with a ledger. Default null: any time.</summary>
    public OfflineTerms? Offline { get; init; }

    /// <summary>Where its status is published: a place that <see cref="StatusRegister.Allocate"/> gave. Default null: nowhere.</summary>
    public StatusReference? Status { get; init; }

    /// <summary>Where inputs may go, and what must be removed first. Default null: nowhere.</summary>
    public RemoteTerms? Remote { get; init; }

    /// <summary>A mark for outputs and audit. Default null: none.</summary>
    public string? Watermark { get; init; }

    /// <summary>
    /// How many narrower tokens the recipient may put below one another, at most 7. Above 0 the license is for a delegate, who
    /// issues licenses for devices with it, and for no device itself. Default 0.
    /// </summary>
    public int DelegationDepth { get; init; }

    /// <summary>The application that it is for. Default null: any.</summary>
    public string? Audience { get; init; }

    /// <summary>The grant. Default null: a new random one. A renewal names the grant of the license that it replaces, and so keeps its usage.</summary>
    public string? LicenseId { get; init; }

    /// <summary>The number of the token within its grant, at least 0; a renewal's is higher. Default 0.</summary>
    public long Sequence { get; init; }

    /// <summary>The oldest SDK. Default null: any.</summary>
    public SemanticVersion? MinSdk { get; init; }

    /// <summary>
    /// A bundle's model from this version up to the next major one, its task, and the content keys that this bundle uses.
    /// </summary>
    public static LicenseRequest For(BundleManifest manifest, Recipient recipient, string licensee)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        return new LicenseRequest
        {
            Recipient = recipient,
            Licensee = licensee,
            Models = [new LicensedModel(manifest.Id, VersionRange.CompatibleWith(manifest.Version))],
            KeyIds = [.. manifest.KeyIds.Values.Distinct(StringComparer.Ordinal)],
            Tasks = [manifest.Task],
        };
    }

    /// <summary>
    /// The same again, as the next token of its grant: a renewal, which keeps the usage. It does not expire unless
    /// <see cref="Expires"/> is set.
    /// </summary>
    /// <param name="previous">The license to renew, with its signature verified.</param>
    /// <param name="recipient">The device that it is bound to: its public file.</param>
    /// <exception cref="LicenseException">The license is bound to another device (<see cref="LicenseError.DeviceMismatch"/>).</exception>
    public static LicenseRequest Renewal(VerifiedLicense previous, Recipient recipient)
    {
        ArgumentNullException.ThrowIfNull(previous);
        ArgumentNullException.ThrowIfNull(recipient);
        var claims = previous.Claims;
        if (recipient.SigningKey.Thumbprint != (claims.Device ?? claims.Delegate?.Key.Thumbprint))
        {
            throw new LicenseException(LicenseError.DeviceMismatch, $"The license is bound to {claims.Device ?? claims.Delegate?.Key.Thumbprint}, and the public file given is of {recipient.SigningKey.Thumbprint}. Give the file of the device, or issue a new license.");
        }

        return Of(claims, recipient, claims.Licensee) with
        {
            DelegationDepth = claims.Device is null ? claims.Delegate?.Depth ?? 0 : 0,
            Status = previous.Tokens[^1].Claims.Status,
            LicenseId = claims.LicenseId,
            Sequence = claims.Sequence + 1,
        };
    }

    /// <summary>Everything that a license to a delegate gives, for a device or for the next delegate: narrow it with <c>with</c>.</summary>
    /// <param name="parent">The license to the delegate, with its signatures verified.</param>
    /// <param name="recipient">The device, or the next delegate: its public file.</param>
    /// <param name="licensee">Who may use it.</param>
    public static LicenseRequest Under(VerifiedLicense parent, Recipient recipient, string licensee)
    {
        ArgumentNullException.ThrowIfNull(parent);
        ArgumentNullException.ThrowIfNull(recipient);
        ArgumentException.ThrowIfNullOrEmpty(licensee);
        return Of(parent.Claims, recipient, licensee);
    }

    private static LicenseRequest Of(LicenseClaims claims, Recipient recipient, string licensee)
    {
        return new LicenseRequest
        {
            Recipient = recipient,
            Licensee = licensee,
            Models = claims.Models,
            KeyIds = [.. claims.Keys.Select(key => key.KeyId)],
            Tasks = claims.Tasks,
            Targets = claims.Targets,
            Providers = claims.Providers,
            Calls = claims.Calls,
            Window = claims.Window,
            Concurrent = claims.Concurrent,
            Offline = claims.Offline,
            Remote = claims.Remote,
            Watermark = claims.Watermark,
            Audience = claims.Audience,
            MinSdk = claims.MinSdk,
        };
    }
}
