using System.Text.Json.Nodes;
using Coffer.Bundles;
using Coffer.Tests.Keys;
using Microsoft.Extensions.Time.Testing;

namespace Coffer.Tests.Licensing;

/// <summary>
/// Every reason to refuse a license, at the three moments at which there may be one: opening a model, a call in a running
/// process, and a renewal of a license in use, which stays in force. A reason that can't come at a moment says why.
/// </summary>
public sealed class RefusalTableTests : IDisposable
{
    private readonly LicensingWorld _world = new();
    private readonly StatusLists _lists = new();

    public void Dispose() => _world.Dispose();

    /// <summary>Uses a license after something was done to it or to the device; null for nothing to do.</summary>
    private delegate void Scene(RefusalTableTests test, LicenseRequest request);

    private sealed record Row(LicenseError Error, Scene? Open, Scene? Call, string Why = "");

    public static TheoryData<LicenseError> Reasons => [.. Enum.GetValues<LicenseError>()];

    [Theory]
    [MemberData(nameof(Reasons))]
    public void Authorize_Reason_RefusesTheOpening(LicenseError reason)
    {
        var row = Find(reason);
        AssertRefused(row, row.Open, scene => scene(this, _world.Request));
    }

    [Theory]
    [MemberData(nameof(Reasons))]
    public void Begin_Reason_RefusesTheCall(LicenseError reason)
    {
        var row = Find(reason);
        AssertRefused(row, row.Call, scene => scene(this, _world.Request));
    }

    [Theory]
    [MemberData(nameof(Reasons))]
    public void Authorize_Reason_RefusesTheRenewal(LicenseError reason)
    {
        var row = Find(reason);
        AssertRefused(row, row.Open, scene =>
        {
            using var inUse = _world.Authorize(_world.Request with { LicenseId = "g", Sequence = 1 });
            scene(this, _world.Request with { LicenseId = "g", Sequence = 2 });
        });
    }

    private static Row Find(LicenseError reason) => Assert.Single(Rows, row => row.Error == reason);

    private static void AssertRefused(Row row, Scene? scene, Action<Scene> play)
    {
        if (scene is null)
        {
            Assert.NotEmpty(row.Why);
            return;
        }

        var e = Assert.Throws<LicenseException>(() => play(scene));
        Assert.True(row.Error == e.Error, $"{row.Error}, but it was {e.Error}: {e.Message}");
        Assert.EndsWith(".", e.Message, StringComparison.Ordinal);
    }

    private const string BeforeUse = "it is found before there is anything to call";

    private static readonly Row[] Rows =
    [
        new(LicenseError.Malformed, (t, r) => t.Open("no token"), null, BeforeUse),
        new(LicenseError.NotFound, (t, _) => License.Load(t._world.Folder.File("none.license")), null, BeforeUse),
        new(LicenseError.AlgorithmRefused, (t, r) => t.OpenWithHeader(r, """{"alg":"none","typ":"coffer-license+jwt"}"""), null, BeforeUse),
        new(LicenseError.HeaderRefused, (t, r) => t.OpenWithHeader(r, """{"alg":"ES256","typ":"coffer-license+jwt","jku":"https://x"}"""), null, BeforeUse),
        new(LicenseError.WrongType, (t, r) => t.Open(t._world.Sign(Tokens.Payload(t._world.Issue(r)), "coffer-grant+jwt")), null, BeforeUse),
        new(LicenseError.IssuerUntrusted, (t, r) => t.Open(t.Edit(r, json => json["iss"] = "stranger")), null, BeforeUse),
        new(LicenseError.SignatureInvalid, (t, r) => t.Open(Jws.Sign(License.Type, System.Text.Encoding.UTF8.GetBytes(Tokens.Payload(t._world.Issue(r))), t._world.Publisher)), null, BeforeUse),
        new(LicenseError.NotEnforceable, (t, r) => t.Open(t.Edit(r, json => json["quota"] = JsonNode.Parse("""{"region":"eu"}"""))), null, BeforeUse),
        new(LicenseError.RequirementUnknown, (t, r) => t.Open(t.Edit(r, json => json["must"] = JsonNode.Parse("""["moon"]"""))), null, BeforeUse),
        new(LicenseError.SdkTooOld, (t, r) => t.Open(r with { MinSdk = SemanticVersion.Parse("99.0.0") }), null, BeforeUse),
        new(LicenseError.NotYetValid, (t, r) => t.Open(r with { NotBefore = t._world.Clock.GetUtcNow().AddHours(1) }), (t, r) => t.Call(t.Offline(r), () => t.Publish(ahead: TimeSpan.FromHours(1)))),
        new(LicenseError.Expired, (t, r) => t.Open(r, () => t._world.Clock.Advance(TimeSpan.FromDays(30))), (t, r) => t.Call(r, () => t._world.Clock.Advance(TimeSpan.FromDays(30)))),
        new(LicenseError.AudienceMismatch, (t, r) => t.Open(r with { Audience = "another" }), null, BeforeUse),
        new(LicenseError.ModelNotLicensed, (t, r) => t.Open(r with { Models = [new("acme/letters", VersionRange.Any)] }), null, BeforeUse),
        new(LicenseError.VersionNotLicensed, (t, r) => t.Open(r with { Models = [new("acme/digits", VersionRange.Parse("[9.0.0]"))] }), null, BeforeUse),
        new(LicenseError.DigestMismatch, (t, r) => t.Open(r with { Models = [new("acme/digits", VersionRange.Any, new string('f', 64))] }), null, BeforeUse),
        new(LicenseError.DeviceMismatch, (t, r) => t.Open(t.Edit(r, json => json["cnf"]!["jkt"] = new string('A', 43))), null, BeforeUse),
        new(LicenseError.DeviceUnproven, (t, r) => t._world.Authorize(t._world.Issue(r), device: new SilentDevice(t._world.Device)), null, BeforeUse),
        new(LicenseError.TaskNotLicensed, (t, r) => t.Open(r with { Tasks = ["summarization"] }), (t, r) => t.Call(r, task: "summarization")),
        new(LicenseError.TargetNotLicensed, (t, r) => t.Open(r with { Targets = [] }), (t, r) => t.Call(r, target: ExecutionTarget.Remote)),
        new(LicenseError.ProviderNotLicensed, (t, r) => { using var e = t.Authorize(r with { Providers = ["cpu"] }); e.RequireProvider("cuda"); }, null, "a session's providers do not change"),
        new(LicenseError.KeyMissing, (t, r) => t.Open(r with { KeyIds = ["digits.settings.1"] }), null, BeforeUse),
        new(LicenseError.KeyUnwrapFailed, (t, r) => { using var e = t.Authorize(t.SwapKeys(r)); e.UnwrapKeys(t._world.Device).Dispose(); }, null, BeforeUse),
        new(LicenseError.LedgerMissing, (t, r) => t.Open(r with { Calls = 9 }, t.DeleteLedger), (t, r) => t.Call(r with { Calls = 9 }, t.DeleteLedger)),
        new(LicenseError.LedgerTampered, (t, r) => t.Open(r with { Calls = 9 }, t.AlterLedger), (t, r) => t.Call(r with { Calls = 9 }, t.AlterLedger)),
        new(LicenseError.LedgerUnavailable, (t, r) => t.Open(r with { Calls = 9 }, t.BlockLedger), (t, r) => t.Call(r with { Calls = 9 }, t.BlockLedger)),
        new(LicenseError.LedgerFull, (t, r) => t.Open(r with { Calls = 9, LicenseId = null }, t.FillLedger), null, "a grant in use has its place"),
        new(LicenseError.Superseded, (t, r) => t.Open(r with { LicenseId = "g" }, () => t.Open(r with { LicenseId = "g", Sequence = 9 })), (t, r) => t.Call(r with { Calls = 9, LicenseId = "s" }, () => t.Open(r with { LicenseId = "s", Sequence = 9 }))),
        new(LicenseError.QuotaExceeded, (t, r) => t.Call(r with { Calls = 1 }, units: 2), (t, r) => t.Call(r with { Calls = 1 }, units: 2)),
        new(LicenseError.NotARenewal, null, null, "an open model decides what renews it: ProtectedModelTests"),
        new(LicenseError.ConcurrencyExceeded, (t, r) => t.CallTwiceAtOnce(r with { Concurrent = 1 }), (t, r) => t.CallTwiceAtOnce(r with { Concurrent = 1 })),
        new(LicenseError.ClockRollback, (t, r) => t.OpenAt(r, SdkInfo.Released.AddDays(-1)), null, "a running process goes on by elapsed time: LicenseClockTests"),
        new(LicenseError.BundleRollback, (t, r) => { t.Open(r, manifest: t._world.Manifest with { Sequence = 5 }); t.Open(r); }, null, BeforeUse),
        new(LicenseError.OfflineBudgetExceeded, (t, r) => t.Open(t.Offline(r), () => t._world.Clock.Advance(TimeSpan.FromHours(3))), (t, r) => t.Call(t.Offline(r), () => t._world.Clock.Advance(TimeSpan.FromHours(3)))),
        new(LicenseError.StatusStale, (t, r) => t.Open(t.Offline(r), t.LetListEnd), (t, r) => t.Call(t.Offline(r), t.LetListEnd)),
        new(LicenseError.StatusInvalid, (t, r) => t.Open(t.Offline(r), t.PublishByAStranger), (t, r) => t.Call(t.Offline(r), t.PublishByAStranger)),
        new(LicenseError.Revoked, (t, r) => t.Open(t.Offline(r), () => t.Revoke(register => register.Revoke(0))), (t, r) => t.Call(t.Offline(r), () => t.Revoke(register => register.Revoke(0)))),
        new(LicenseError.Suspended, (t, r) => t.Open(t.Offline(r), () => t.Revoke(register => register.Suspend(0))), (t, r) => t.Call(t.Offline(r), () => t.Revoke(register => register.Suspend(0)))),
        new(LicenseError.DeviceRevoked, (t, r) => t.Open(t.Offline(r), () => t.Revoke(t.RevokeDevice)), (t, r) => t.Call(t.Offline(r), () => t.Revoke(t.RevokeDevice))),
        new(LicenseError.BundleRevoked, (t, r) => t.Open(t.Offline(r), () => t.Revoke(RevokeManifest)), (t, r) => t.Call(t.Offline(r), () => t.Revoke(RevokeManifest))),
        new(LicenseError.SignerRevoked, (t, r) => t.Open(t.Offline(r), () => t.Revoke(RevokeSigner)), (t, r) => t.Call(t.Offline(r), () => t.Revoke(RevokeSigner))),
        new(LicenseError.DelegationInvalid, (t, r) => t.Open(t._world.Issue(r) + t._world.Issue(r)), null, BeforeUse),
        new(LicenseError.Widened, (t, r) => t.OpenNarrowed(r, parent => parent with { Tasks = ["*"] }), null, BeforeUse),
        new(LicenseError.NotForADevice, (t, r) => t.Open(r with { DelegationDepth = 1 }), null, BeforeUse),
        new(LicenseError.EndpointNotLicensed, (t, r) => { using var e = t.Authorize(Remote(r)); e.RequireEndpoint(new Uri("https://y/a")); }, (t, r) => { using var e = t.Authorize(Remote(r)); e.RequireEndpoint(new Uri("https://x.example/b")); }),
        new(LicenseError.NotDesensitised, (t, r) => { using var e = t.Authorize(Remote(r)); e.RequireDesensitised(new HashSet<string>()); }, (t, r) => { using var e = t.Authorize(Remote(r)); e.RequireDesensitised(new HashSet<string> { "email" }); }),
        new(LicenseError.NothingCounted, (t, r) => UsageReceipt.Issue(License.Parse(t._world.Issue(r)).Verify(t._world.Trust), t._world.Device), null, "a receipt is not part of a call"),
        new(LicenseError.IssuersRolledBack, (t, r) => t.Open(r, () => t._world.Device.Ledger.Update(ledger => { ledger.Raise(LedgerMark.IssuerSet("acme"), 3); return 0; })), null, BeforeUse),
    ];

    private static LicenseRequest Remote(LicenseRequest request) => request with { Targets = [ExecutionTarget.Local, ExecutionTarget.Remote], Remote = new RemoteTerms(["https://x.example/a"], ["email", "faces"]) };

    private static void RevokeManifest(StatusRegister register) => register.RevokeManifest(LicensingWorld.Digest);

    private static void RevokeSigner(StatusRegister register) => register.RevokeSigner(new RevokedSigner(Signature.CertificateDigest, null));

    private static BundleSignature Signature { get; } = new("ECDSA P-256, SHA-256", "CN=signer", new string('a', 64), DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue);

    private void RevokeDevice(StatusRegister register) => register.RevokeDevice(_world.Device.SigningKey.Thumbprint);

    private LicenseRequest Offline(LicenseRequest request) => request with { Offline = new OfflineTerms(TimeSpan.FromHours(1), TimeSpan.Zero), Status = _world.Register.Allocate() };

    private Entitlement Authorize(LicenseRequest request) => Authorize(_world.Issue(request));

    private Entitlement Authorize(string license, BundleManifest? manifest = null) => _world.Authorize(license, manifest, options: new() { StatusLists = _lists }, signature: Signature);

    private void Open(string license) => Authorize(license).Dispose();

    private void Open(LicenseRequest request, Action? before = null, BundleManifest? manifest = null)
    {
        var license = _world.Issue(request);
        before?.Invoke();
        Authorize(license, manifest).Dispose();
    }

    private void OpenAt(LicenseRequest request, DateTimeOffset now) => _world.Authorize(_world.Issue(request), options: new() { Clock = new FakeTimeProvider(now) });

    private void OpenWithHeader(LicenseRequest request, string header)
    {
        var parts = _world.Issue(request).TrimEnd().Split('.');
        Open($"{Base64UrlStrict.Encode(System.Text.Encoding.UTF8.GetBytes(header))}.{parts[1]}.{parts[2]}");
    }

    private void OpenNarrowed(LicenseRequest request, Func<LicenseRequest, LicenseRequest> edit)
    {
        using var oem = KeyFile.Create(_world.Folder.File($"{Guid.NewGuid():N}.key"));
        var parent = License.Parse(_world.Issue(request with { Recipient = oem.Recipient, DelegationDepth = 1 })).Verify(_world.Trust);
        Open(new LicenseIssuer("oem", oem, _world.Clock).Narrow(parent, edit(LicenseRequest.Under(parent, _world.Device.Recipient, "x"))));
    }

    private void Call(LicenseRequest request, Action? before = null, string task = LicensingWorld.Task, ExecutionTarget target = ExecutionTarget.Local, int units = 1)
    {
        using var entitlement = Authorize(request);
        before?.Invoke();
        entitlement.Begin(task, target, units).Dispose();
    }

    private void CallTwiceAtOnce(LicenseRequest request)
    {
        using var entitlement = Authorize(request);
        using var first = entitlement.Begin(LicensingWorld.Task, ExecutionTarget.Local);
        using var second = entitlement.Begin(LicensingWorld.Task, ExecutionTarget.Local);
    }

    private void Revoke(Action<StatusRegister> revoke)
    {
        revoke(_world.Register);
        Publish();
    }

    private void Publish(TimeSpan ahead = default) =>
        _lists.Add(StatusList.Parse(_world.Register.Publish(LicensingWorld.Issuer, _world.IssuerKey, clock: new FakeTimeProvider(_world.Clock.GetUtcNow() + ahead))));

    private void PublishByAStranger() => _lists.Add(StatusList.Parse(_world.Register.Publish(LicensingWorld.Issuer, _world.Publisher, clock: _world.Clock)));

    private void LetListEnd()
    {
        _lists.Add(_world.Publish(TimeSpan.FromMinutes(10)));
        _world.Clock.Advance(TimeSpan.FromMinutes(10));
    }

    private string Edit(LicenseRequest request, Action<JsonNode> edit)
    {
        var payload = JsonNode.Parse(Tokens.Payload(_world.Issue(request)))!;
        edit(payload);
        return _world.Sign(payload.ToJsonString());
    }

    private string SwapKeys(LicenseRequest request) => Edit(request, json =>
    {
        var (first, second) = (json["keys"]![0]!["jwe"]!.GetValue<string>(), json["keys"]![1]!["jwe"]!.GetValue<string>());
        (json["keys"]![0]!["jwe"], json["keys"]![1]!["jwe"]) = (second, first);
    });

    private string LedgerPath => _world.Folder.File("device.ledger");

    private void DeleteLedger() => File.Delete(LedgerPath);

    private void AlterLedger()
    {
        var content = File.ReadAllBytes(LedgerPath);
        content[10] ^= 1;
        File.WriteAllBytes(LedgerPath, content);
    }

    // A folder in the place of the lock file: root, whom a mode does not stop, can't lock it either.
    private void BlockLedger()
    {
        File.Delete(LedgerPath + ".lock");
        _ = Directory.CreateDirectory(LedgerPath + ".lock");
    }

    private void FillLedger() => _world.Device.Ledger.Update(ledger =>
    {
        for (var i = 0; i < 1023; i++)
        {
            ledger[new GrantId("x", $"{i}")] = new LedgerEntry(1, 1);
        }

        ledger[new GrantId(LicensingWorld.Issuer, "g")] = new LedgerEntry(1, 1);
        return 0;
    });

    /// <summary>A device that has the right public keys and signs nothing.</summary>
    private sealed class SilentDevice(FileDeviceKey device) : IDeviceKey
    {
        public JsonWebKey SigningKey => device.SigningKey;

        public JsonWebKey AgreementKey => device.AgreementKey;

        public UsageLedger? Ledger => device.Ledger;

        public void Unwrap(in KeyEnvelope envelope, Span<byte> keyMaterial) => device.Unwrap(envelope, keyMaterial);

        public void Sign(ReadOnlySpan<byte> data, Span<byte> signature) => signature.Clear();

        public void DeriveLocalSecret(string label, Span<byte> secret) => device.DeriveLocalSecret(label, secret);

        public void Dispose()
        {
        }
    }
}
