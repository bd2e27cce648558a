namespace Coffer.Bundles;

/// <summary>
/// What a license says. Of a parsed license it is a claim, of a verified one the issuer's word. Times are UTC, whole seconds.
/// </summary>
public sealed record LicenseClaims
{
    /// <summary>Who issued it: <c>iss</c>.</summary>
    public required string Issuer { get; init; }

    /// <summary>Who may use it: <c>sub</c>, a tenant or customer.</summary>
    public required string Licensee { get; init; }

    /// <summary>The application that it is for: <c>aud</c>; null for any.</summary>
    public string? Audience { get; init; }

    /// <summary>This token: <c>jti</c>.</summary>
    public required string TokenId { get; init; }

    /// <summary>The grant: <c>lid</c>. With the issuer it owns the quota, and a renewal keeps it.</summary>
    public required string LicenseId { get; init; }

    /// <summary>The number of this token within its grant: <c>seq</c>; a higher one replaces a lower.</summary>
    public required long Sequence { get; init; }

    /// <summary>When it was issued: <c>iat</c>.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>From when it is valid: <c>nbf</c>; null: from <see cref="IssuedAt"/>.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>From when it is no longer valid: <c>exp</c>; null: it does not expire.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>
    /// The thumbprint of the device's signing key: <c>cnf.jkt</c> (RFC 9449 §6.1); null in a token that only its
    /// <see cref="Delegate"/> can use, by adding one below.
    /// </summary>
    public string? Device { get; init; }

    /// <summary>The id of the device's ledger: <c>cnf.ledger</c>; null where the device has none.</summary>
    public string? Ledger { get; init; }

    /// <summary>The models: <c>models</c>.</summary>
    public required IReadOnlyList<LicensedModel> Models { get; init; }

    /// <summary>The content keys: <c>keys</c>.</summary>
    public IReadOnlyList<LicensedKey> Keys { get; init; } = [];

    /// <summary>What may be predicted: <c>tasks</c>; <c>*</c> for everything, empty for nothing.</summary>
    public IReadOnlyList<string> Tasks { get; init; } = [];

    /// <summary>Where it may run: <c>targets</c>; empty for nowhere. Names that this SDK does not know grant nothing.</summary>
    public IReadOnlyList<ExecutionTarget> Targets { get; init; } = [];

    /// <summary>The execution providers: <c>providers</c>; <c>*</c> for every one, empty for none.</summary>
    public IReadOnlyList<string> Providers { get; init; } = [];

    /// <summary>How many calls: <c>quota.calls</c>, in all or in each <see cref="Window"/>; null for any number.</summary>
    public long? Calls { get; init; }

    /// <summary>
    /// The span in which <see cref="Calls"/> may be made: <c>quota.window</c>, whole seconds. Windows follow each other from
    /// 1970-01-01T00:00:00Z. Null: <see cref="Calls"/> is a total.
    /// </summary>
    public TimeSpan? Window { get; init; }

    /// <summary>How many calls may run at once on the device, a batch being one: <c>quota.concurrent</c>; null for any number.</summary>
    public int? Concurrent { get; init; }

    /// <summary>How long it may be used without news from its issuer: <c>offline</c>; null for any time.</summary>
    public OfflineTerms? Offline { get; init; }

    /// <summary>Where its status is published: <c>status</c>; null where it is not.</summary>
    public StatusReference? Status { get; init; }

    /// <summary>Where inputs may go: <c>remote</c>; null allows no endpoint.</summary>
    public RemoteTerms? Remote { get; init; }

    /// <summary>Who may add a narrower token: <c>delegate</c>; null for nobody.</summary>
    public LicenseDelegation? Delegate { get; init; }

    /// <summary>The token above: <c>prev</c>, its SHA-256 in base64url; null in the first one.</summary>
    public string? Previous { get; init; }

    /// <summary>A mark for outputs and audit: <c>watermark</c>.</summary>
    public string? Watermark { get; init; }

    /// <summary>The oldest SDK: <c>min_sdk</c>; null for any.</summary>
    public SemanticVersion? MinSdk { get; init; }

    /// <summary>Names of claims that a verifier must understand: <c>must</c>.</summary>
    public IReadOnlyList<string> Must { get; init; } = [];

    /// <summary>
    /// Limits in the token that this SDK does not enforce: members of a claim that it does not know, for example
    /// <c>quota.region</c>. A license with any of them is refused rather than used without them.
    /// </summary>
    public IReadOnlyList<string> NotEnforced { get; init; } = [];

    /// <summary>The names of the claims that the token states: in a token below another, absent means inherited, and empty means none.</summary>
    internal IReadOnlySet<string> Stated { get; init; } = new HashSet<string>();

    internal GrantId Grant => new(Issuer, LicenseId);

    internal bool CountsCalls => Calls is not null || Concurrent is not null;
}
