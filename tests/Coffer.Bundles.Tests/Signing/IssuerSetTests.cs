using System.Security.Cryptography;
using Coffer.Bundles;
using Coffer.Tests.Licensing;

namespace Coffer.Tests.Signing;

public sealed class IssuerSetTests : IDisposable
{
    private readonly TestIssuerSets _sets = new();

    public void Dispose() => _sets.Dispose();

    [Fact]
    public void Update_FirstVersionByTheRoot_SaysWhoLicenses()
    {
        var updated = _sets.Update(_sets.Trust, _sets.First);

        Assert.Equal(["north", "south"], TestIssuerSets.Names(updated));
        Assert.Equal(1, updated.Publishers["acme"].IssuerSetVersion);
        Assert.Equal(TestPublisher.Now, updated.Publishers["acme"].IssuerSet!.Claims.IssuedAt);
        Assert.Equal(["shipped"], TestIssuerSets.Names(_sets.Trust));
        Assert.Equal(0, _sets.Trust.Publishers["acme"].IssuerSetVersion);
    }

    [Fact]
    public void Update_LaterVersions_FollowFromAnyVersionThatIsHeld()
    {
        Assert.Empty(TestIssuerSets.Names(_sets.Update(_sets.Trust, _sets.Third)));
        var (one, two) = (_sets.Update(_sets.Trust, _sets.First), _sets.Update(_sets.Trust, _sets.Second));

        Assert.Equal(3, _sets.Update(one, _sets.Third).Publishers["acme"].IssuerSetVersion);
        Assert.Equal(3, _sets.Update(two, Lines(_sets.Third, 2)).Publishers["acme"].IssuerSetVersion);
        Assert.Equal(3, _sets.Update(two, Lines(_sets.Third, 3)).Publishers["acme"].IssuerSetVersion);
        Assert.Equal(3, _sets.Update(_sets.Update(two, _sets.Third), Lines(_sets.Third, 2)).Publishers["acme"].IssuerSetVersion);
        Assert.Equal(2, _sets.Update(two, _sets.Second).Publishers["acme"].IssuerSetVersion);
    }

    [Fact]
    public void Update_AnotherPublisher_KeepsItsOwn()
    {
        var other = new TrustedPublisher("other", [_sets.Root], [TestIssuerSets.Issuer("west", _sets.SecondIssuer)]);

        var updated = _sets.Update(new TrustStore(_sets.Publisher, other), _sets.First);

        Assert.Equal("west", Assert.Single(updated.Publishers["other"].Issuers).Name);
        Assert.Equal(TrustError.PublisherUnknown, _sets.Refusal(new TrustStore(other), _sets.First));
    }

    [Fact]
    public void Update_FirstVersionByAnotherKey_ThrowsSignatureInvalid()
    {
        Assert.Equal(TrustError.SignatureInvalid, _sets.Refusal(_sets.Trust, _sets.Sign(_sets.SetKey).Begin("acme", _sets.Draft())));

        // The root of another publisher is a root, not this publisher's.
        using var otherKey = TestIssuerSets.NewKey();
        using var otherRoot = PublisherCertificates.CreateRoot("other", otherKey, clock: _sets.Clock);
        var trust = new TrustStore(_sets.Publisher, new TrustedPublisher("other", [otherRoot], []));
        Assert.Equal(TrustError.SignatureInvalid, _sets.Refusal(trust, _sets.Sign(otherKey).Begin("acme", _sets.Draft())));
    }

    [Fact]
    public void Update_LaterVersionByTheRootOrARetiredKey_ThrowsSignatureInvalid()
    {
        foreach (var key in new[] { _sets.RootKey, _sets.SetKey, _sets.FirstIssuer })
        {
            var third = Token(key, _sets.Third.Newest);
            Assert.Equal(TrustError.SignatureInvalid, _sets.Refusal(_sets.Trust, IssuerSetFile.Parse(_sets.Second.ToText() + third)));
            Assert.Equal(TrustError.SignatureInvalid, _sets.Refusal(_sets.Update(_sets.Trust, _sets.Second), IssuerSetFile.Parse(third)));
        }
    }

    // The key of the version itself is not that of the version before: a set can't vouch for itself.
    [Fact]
    public void Update_VersionSignedByItsOwnKey_ThrowsSignatureInvalid()
    {
        using var stranger = TestIssuerSets.NewKey();
        var second = Token(stranger, _sets.Second.Newest with { Keys = [JsonWebKey.FromECDsa(stranger)] });

        Assert.Equal(TrustError.SignatureInvalid, _sets.Refusal(_sets.Trust, IssuerSetFile.Parse(_sets.First.ToText() + second)));
    }

    [Fact]
    public void Update_FileThatBeginsTooLate_ThrowsNotLinked()
    {
        Assert.Equal(TrustError.NotLinked, _sets.Refusal(_sets.Trust, Lines(_sets.Second, 2)));
        Assert.Equal(TrustError.NotLinked, _sets.Refusal(_sets.Update(_sets.Trust, _sets.First), Lines(_sets.Third, 3)));
    }

    [Fact]
    public void Update_PublisherWithoutRootOnP256_NeedsAPinnedKey()
    {
        using var publisher = new TestPublisher();
        Assert.Equal(TrustError.NotLinked, _sets.Refusal(publisher.Trust, _sets.First));

        var pinned = publisher.Trust.Publishers["acme"] with { IssuerSetKeys = [JsonWebKey.FromECDsa(_sets.RootKey)] };
        Assert.Equal(2, _sets.Update(new TrustStore(pinned), _sets.Second).Publishers["acme"].IssuerSetVersion);

        // A pinned key stands in the roots' place, not beside them.
        var other = _sets.Publisher with { IssuerSetKeys = [JsonWebKey.FromECDsa(_sets.SetKey)] };
        Assert.Equal(TrustError.SignatureInvalid, _sets.Refusal(new TrustStore(other), _sets.First));
    }

    [Fact]
    public void Update_OlderVersion_ThrowsRolledBack()
    {
        var trust = _sets.Update(_sets.Trust, _sets.Third);

        Assert.Equal(TrustError.RolledBack, _sets.Refusal(trust, _sets.First));
        Assert.Equal(TrustError.RolledBack, _sets.Refusal(trust, _sets.Second));
    }

    [Fact]
    public void Update_OtherContentUnderTheSameVersion_ThrowsForked()
    {
        var trust = _sets.Update(_sets.Trust, _sets.Second);
        var otherSecond = _sets.Sign(_sets.SetKey).Continue(_sets.First, _sets.Draft());
        var longer = _sets.Sign(_sets.SetKey).Continue(otherSecond, _sets.Draft());
        var otherFirst = _sets.Sign(_sets.SetKey).Continue(_sets.Sign(_sets.RootKey).Begin("acme", _sets.Draft()), _sets.Draft());

        Assert.Equal(TrustError.Forked, _sets.Refusal(trust, otherSecond));
        Assert.Equal(TrustError.Forked, _sets.Refusal(trust, longer));
        Assert.Equal(TrustError.Forked, _sets.Refusal(trust, Lines(longer, 2)));
        Assert.Equal(TrustError.Forked, _sets.Refusal(trust, otherFirst));
    }

    [Fact]
    public void Update_NewestVersionOver_ThrowsExpired()
    {
        var ending = _sets.Sign(_sets.RootKey).Begin("acme", _sets.Draft() with { Expires = TestPublisher.Now.AddDays(30) });
        var endless = _sets.Sign(_sets.SetKey).Continue(ending, _sets.Draft());
        _sets.Clock.SetUtcNow(TestPublisher.Now.AddDays(30).AddSeconds(-1));
        var held = _sets.Update(_sets.Trust, ending);
        _sets.Clock.SetUtcNow(TestPublisher.Now.AddDays(30));

        Assert.Equal(TrustError.Expired, _sets.Refusal(_sets.Trust, ending));
        Assert.Equal(TrustError.Expired, _sets.Refusal(held, ending));
        Assert.Equal(2, _sets.Update(held, endless).Publishers["acme"].IssuerSetVersion);
    }

    [Fact]
    public void Constructor_SetOfThePublisher_ReplacesItsIssuers()
    {
        var pinned = IssuerSet.Pin(_sets.Second);

        Assert.Equal(["north"], TestIssuerSets.Names(new TrustStore(_sets.Publisher with { IssuerSet = pinned })));
        Assert.Throws<ArgumentException>(() => new TrustStore(_sets.Publisher with { Name = "other", IssuerSet = pinned }));
    }

    [Fact]
    public void Pin_FileWithoutItsFirstVersions_LeadsToLaterOnes()
    {
        var trust = new TrustStore(_sets.Publisher with { IssuerSet = IssuerSet.Pin(Lines(_sets.Second, 2)) });

        Assert.Equal(3, _sets.Update(trust, _sets.Third).Publishers["acme"].IssuerSetVersion);
        Assert.Equal(3, _sets.Update(trust, Lines(_sets.Third, 2)).Publishers["acme"].IssuerSetVersion);
        Assert.Equal(TrustError.Forked, _sets.Refusal(trust, IssuerSetFile.Parse(Token(_sets.SetKey, _sets.Second.Newest))));
        Assert.Equal(TrustError.RolledBack, _sets.Refusal(trust, _sets.First));

        var broken = IssuerSetFile.Parse(_sets.First.ToText() + Token(_sets.NextSetKey, _sets.Second.Newest));
        Assert.Equal(TrustError.SignatureInvalid, Assert.Throws<TrustException>(() => IssuerSet.Pin(broken)).Error);
    }

    [Fact]
    public void Verify_LicenseOfARemovedIssuer_ThrowsIssuerUntrusted()
    {
        using var world = new LicensingWorld();
        var draft = _sets.Draft() with { Issuers = [new TrustedIssuer(LicensingWorld.Issuer, world.IssuerKey.SigningKey)] };
        var with = _sets.Sign(_sets.RootKey).Begin("acme", draft);
        var without = _sets.Sign(_sets.SetKey).Continue(with, _sets.Draft());
        var license = License.Parse(world.Issue(world.Request));

        Assert.Equal(LicensingWorld.Issuer, license.Verify(_sets.Update(_sets.Trust, with)).Claims.Issuer);
        var refused = Assert.Throws<LicenseException>(() => license.Verify(_sets.Update(_sets.Trust, without)));
        Assert.Equal(LicenseError.IssuerUntrusted, refused.Error);
    }

    // The name stays and its key changes: what the old key signed is refused, by its signature.
    [Fact]
    public void Verify_LicenseOfAnIssuersOldKey_ThrowsSignatureInvalid()
    {
        using var world = new LicensingWorld();
        var draft = _sets.Draft() with { Issuers = [TestIssuerSets.Issuer(LicensingWorld.Issuer, _sets.SecondIssuer)] };
        var trust = _sets.Update(_sets.Trust, _sets.Sign(_sets.RootKey).Begin("acme", draft));

        var refused = Assert.Throws<LicenseException>(() => License.Parse(world.Issue(world.Request)).Verify(trust));
        Assert.Equal(LicenseError.SignatureInvalid, refused.Error);
    }

    [Fact]
    public async Task Verify_BundleOfARetiredCertificate_ThrowsSignerRetired()
    {
        using var folder = new TemporaryFolder();
        using var publisher = new TestPublisher();
        using var newCertificate = PublisherCertificates.IssueSigner("acme", publisher.SignerKey, publisher.Root, publisher.RootKey, clock: publisher.Clock);
        using var signed = SignedBundle.Open(await publisher.PackAsync(folder));
        var anchor = publisher.Trust.Publishers["acme"] with { IssuerSetKeys = [JsonWebKey.FromECDsa(_sets.RootKey)] };
        TrustStore With(IReadOnlyList<string>? signers) =>
            _sets.Update(new TrustStore(anchor), _sets.Sign(_sets.RootKey).Begin("acme", _sets.Draft() with { Signers = signers }));

        signed.Verify(With(null), publisher.Verification).Dispose();
        signed.Verify(With([Digest(newCertificate.RawData), Digest(publisher.Certificate.RawData)]), publisher.Verification).Dispose();
        var retired = Assert.Throws<BundleException>(() => signed.Verify(With([Digest(newCertificate.RawData)]), publisher.Verification));

        Assert.Equal((BundleError.SignerRetired, BundleSection.Signature), (retired.Error, retired.Section));
        Assert.Contains(Digest(publisher.Certificate.RawData), retired.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromDirectory_WithASet_TakesItsIssuers()
    {
        using var folder = new TemporaryFolder();
        WriteTrust(folder, _sets.Second.ToText());

        var trust = TrustStore.FromDirectory(folder.Path, _sets.Clock);

        Assert.Equal(["north"], TestIssuerSets.Names(trust));
        Assert.Equal(2, trust.Publishers["acme"].IssuerSetVersion);
    }

    [Fact]
    public void FromDirectory_WithASetThatIsRefused_Throws()
    {
        using var folder = new TemporaryFolder();

        WriteTrust(folder, "not a set\n");
        Assert.Equal(TrustError.Malformed, Assert.Throws<TrustException>(() => TrustStore.FromDirectory(folder.Path, _sets.Clock)).Error);
        WriteTrust(folder, _sets.Sign(_sets.RootKey).Begin("other", _sets.Draft()).ToText());
        Assert.Equal(TrustError.PublisherUnknown, Assert.Throws<TrustException>(() => TrustStore.FromDirectory(folder.Path, _sets.Clock)).Error);
        WriteTrust(folder, _sets.Sign(_sets.RootKey).Begin("acme", _sets.Draft() with { Expires = TestPublisher.Now.AddDays(1) }).ToText());
        Assert.Equal(1, TrustStore.FromDirectory(folder.Path, _sets.Clock).Publishers["acme"].IssuerSetVersion);
        _sets.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(TrustError.Expired, Assert.Throws<TrustException>(() => TrustStore.FromDirectory(folder.Path, _sets.Clock)).Error);
    }

    private void WriteTrust(TemporaryFolder folder, string set)
    {
        Directory.CreateDirectory(folder.File("acme", "issuers"));
        File.WriteAllText(folder.File("acme", "root.crt"), _sets.Root.ExportCertificatePem());
        File.WriteAllText(folder.File("acme", "issuers", "shipped.jwk"), JsonWebKey.FromECDsa(_sets.FirstIssuer).ToJson());
        File.WriteAllText(folder.File("acme", "issuers.set"), set);
    }

    /// <summary>The file from its line <paramref name="first"/> on.</summary>
    private static IssuerSetFile Lines(IssuerSetFile file, int first) =>
        IssuerSetFile.Parse(string.Concat(file.ToText().Split('\n')[(first - 1)..^1].Select(line => line + "\n")));

    private static string Token(ECDsa key, IssuerSetClaims claims) => Jws.Sign(IssuerSetToken.Type, IssuerSetWriter.Write(claims), key) + "\n";

    private static string Digest(byte[] certificate) => Convert.ToHexStringLower(SHA256.HashData(certificate));
}
