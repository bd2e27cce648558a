using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Coffer.Bundles;
using Coffer.Tests.Keys;

namespace Coffer.Tests.Signing;

/// <summary>The form of the file: what is no issuer set file is refused, whoever signed it.</summary>
public sealed class IssuerSetFileTests : IDisposable
{
    private readonly TestIssuerSets _sets = new();

    public void Dispose() => _sets.Dispose();

    // Three stores: without a set, holding the first version, holding both.
    [Fact]
    public void Update_EverySingleBitFlip_IsRefused()
    {
        var file = Encoding.ASCII.GetBytes(_sets.Second.ToText());
        TrustStore[] stores = [_sets.Trust, _sets.Update(_sets.Trust, _sets.First), _sets.Update(_sets.Trust, _sets.Second)];
        var accepted = new ConcurrentBag<int>();

        Parallel.For(0, file.Length * 8, bit =>
        {
            var copy = file.ToArray();
            copy[bit / 8] ^= (byte)(1 << (bit % 8));
            if (stores.Any(store => TryUpdate(store, copy) is null))
            {
                accepted.Add(bit);
            }
        });

        TestContext.Current.TestOutputHelper?.WriteLine($"{file.Length * 8} flips of a file of {file.Length} bytes.");
        Assert.All(stores, store => Assert.Null(TryUpdate(store, file)));
        Assert.Empty(accepted);
    }

    // Cut right behind a line, a file is the one that was published before: sound, and old. Only who remembers the newer one can tell.
    [Fact]
    public void Update_EveryTruncation_IsRefusedOrRolledBack()
    {
        var file = Encoding.ASCII.GetBytes(_sets.Second.ToText());
        var firstLine = _sets.First.ToText().Length;
        TrustStore[] stores = [_sets.Trust, _sets.Update(_sets.Trust, _sets.First), _sets.Update(_sets.Trust, _sets.Second)];

        for (var length = 0; length < file.Length; length++)
        {
            var outcomes = stores.Select(store => TryUpdate(store, file[..length])?.Error).ToArray();
            Assert.True(
                length == firstLine
                    ? outcomes is [null, null, TrustError.RolledBack]
                    : Array.TrueForAll(outcomes, outcome => outcome is TrustError.Malformed),
                $"{length} of {file.Length}: {string.Join(", ", outcomes)}");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("\n\n")]
    [InlineData("a.b.c\n")]
    [InlineData("not a set\n")]
    [InlineData("ÄÖÜ\n")]
    public void Parse_NotASet_ThrowsMalformed(string text) => AssertMalformed(text);

    [Fact]
    public void Parse_LinesInAnotherShape_ThrowsMalformed()
    {
        var text = _sets.Second.ToText();

        AssertMalformed(text.TrimEnd());
        AssertMalformed(text + "\n");
        AssertMalformed("\n" + text);
        AssertMalformed(text.Replace("\n", "\r\n", StringComparison.Ordinal));
        AssertMalformed("\uFEFF" + text);
        AssertMalformed(text.Replace("\n", " \n", StringComparison.Ordinal));
    }

    [Fact]
    public void Parse_OtherTypeOrAlgorithm_ThrowsMalformed()
    {
        var payload = Tokens.Payload(_sets.First.ToText());

        AssertMalformed(Jws.Sign("coffer-license+jwt", Encoding.UTF8.GetBytes(payload), _sets.RootKey) + "\n");
        AssertMalformed(Tokens.Unsigned(payload) + "\n");
        AssertMalformed(Tokens.Hs256(payload, JsonWebKey.FromECDsa(_sets.RootKey)) + "\n");
    }

    [Fact]
    public void Parse_SkippedTwiceOrReversedVersion_ThrowsVersionSkipped()
    {
        var lines = _sets.Third.ToText().Split('\n')[..^1];

        foreach (var order in new[] { new[] { 0, 2 }, [0, 0], [1, 0], [0, 1, 1], [0, 2, 1] })
        {
            var text = string.Concat(order.Select(line => lines[line] + "\n"));
            Assert.Equal(TrustError.VersionSkipped, Assert.Throws<TrustException>(() => IssuerSetFile.Parse(text)).Error);
        }
    }

    [Fact]
    public void Parse_TwoPublishersInOneFile_ThrowsMalformed()
    {
        var other = _sets.Sign(_sets.SetKey).Continue(_sets.Sign(_sets.RootKey).Begin("other", _sets.Draft()), _sets.Draft());

        AssertMalformed(_sets.First.ToText() + other.ToText().Split('\n')[1] + "\n");
    }

    [Theory]
    [InlineData("iss", null)]
    [InlineData("ver", null)]
    [InlineData("iat", null)]
    [InlineData("keys", null)]
    [InlineData("issuers", null)]
    [InlineData("iss", "\"Acme\"")]
    [InlineData("iss", "1")]
    [InlineData("ver", "0")]
    [InlineData("ver", "-1")]
    [InlineData("ver", "1.0")]
    [InlineData("ver", "\"1\"")]
    [InlineData("ver", "4294967297")]
    [InlineData("iat", "-1")]
    [InlineData("exp", "1e30")]
    [InlineData("exp", "253402300800")]
    [InlineData("exp", "null")]
    [InlineData("keys", "[]")]
    [InlineData("keys", "{}")]
    [InlineData("keys", "[1]")]
    [InlineData("keys", "[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}]")]
    [InlineData("issuers", "[{\"name\":\"a\"}]")]
    [InlineData("issuers", "[{\"name\":\"../a\",\"jwk\":{}}]")]
    [InlineData("signers", "[]")]
    [InlineData("signers", "[\"AB\"]")]
    [InlineData("signers", "[null]")]
    [InlineData("must", "[]")]
    [InlineData("Exp", "1")]
    public void Parse_BadClaim_ThrowsMalformed(string claim, string? value) => AssertMalformed(WithClaim(claim, value));

    [Fact]
    public void Parse_DuplicateOrUnknownMember_ThrowsMalformed()
    {
        var payload = Tokens.Payload(_sets.First.ToText());

        AssertMalformed(Sign(payload[..^1] + ",\"ver\":1}"));
        AssertMalformed(Sign(payload.Replace("\"name\":", "\"until\":1,\"name\":", StringComparison.Ordinal)));
        AssertMalformed(Sign(payload.Replace("\"kty\":", "\"kid\":\"a\",\"kty\":", StringComparison.Ordinal)));
        AssertMalformed(Sign(payload.Replace("\"use\":\"sig\"", "\"use\":\"enc\"", StringComparison.Ordinal)));
        AssertMalformed(Sign(payload.Replace("\"use\":\"sig\"", "\"d\":\"AA\"", StringComparison.Ordinal)));
    }

    [Fact]
    public void Parse_AboveALimit_ThrowsMalformed()
    {
        var digests = Enumerable.Range(0, 257).Select(i => $"{i:x64}").ToList();
        var issuers = Enumerable.Range(0, 65).Select(i => TestIssuerSets.Issuer($"issuer-{i}", _sets.FirstIssuer)).ToList();

        AssertMalformed(Sign(Payload(_sets.First.Newest with { Signers = digests })));
        AssertMalformed(Sign(Payload(_sets.First.Newest with { Issuers = issuers })));
        AssertMalformed(Sign(Payload(_sets.First.Newest with { Signers = [digests[0], digests[0]] })));
        AssertMalformed(string.Concat(Enumerable.Repeat(_sets.First.ToText(), 65)));
        AssertMalformed(new string('A', IssuerSetFile.MaxLength) + "\n");
        _ = IssuerSetFile.Parse(Sign(Payload(_sets.First.Newest with { Signers = digests[..256], Issuers = issuers[..64] })));
    }

    // Claims are read before a signature says anything about them: every byte of them replaced by every byte that means something in JSON.
    [Fact]
    public void Parse_ReplacedByteInTheClaims_GivesFileOrTrustException()
    {
        var parts = _sets.First.ToText().TrimEnd().Split('.');
        var payload = Base64UrlStrict.Decode(parts[1]);
        byte[] meaningful = [0, .. "\"{}[],:\\09-e.n"u8, 0xC3, 0xED, 0xFF];

        Parallel.For(0, payload.Length, position =>
        {
            var changed = payload.ToArray();
            foreach (var value in meaningful)
            {
                changed[position] = value;
                var text = $"{parts[0]}.{Base64UrlStrict.Encode(changed)}.{parts[2]}\n";
                var e = Record.Exception(() => IssuerSetFile.Parse(text));
                Assert.True(e is null or TrustException, $"byte {position} as {value}: {e}");
            }
        });
    }

    // An implementation that shares nothing with ours verifies version 1 with the root's certificate.
    [Fact]
    public async Task Begin_SignedByTheRoot_VerifiesInOpenSsl()
    {
        using var folder = new TemporaryFolder();
        var token = _sets.First.ToText().TrimEnd();
        var dot = token.LastIndexOf('.');
        await File.WriteAllTextAsync(folder.File("signed.txt"), token[..dot], TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(folder.File("signature.der"), EcdsaDer.Encode(Base64UrlStrict.Decode(token[(dot + 1)..])), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder.File("root.pem"), _sets.Root.PublicKey.GetECDsaPublicKey()!.ExportSubjectPublicKeyInfoPem(), TestContext.Current.CancellationToken);

        var (exitCode, output) = await OpenSsl.RunAsync("dgst -sha256 -verify root.pem -signature signature.der signed.txt", folder.Path);

        Assert.True(exitCode == 0, output);
    }

    [Fact]
    public async Task Load_SavedFile_IsTheSame()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("issuers.set");
        Assert.Equal(TrustError.NotFound, Assert.Throws<TrustException>(() => IssuerSetFile.Load(path)).Error);

        await _sets.First.SaveAsync(path, TestContext.Current.CancellationToken);
        await _sets.Second.SaveAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal(_sets.Second.ToText(), IssuerSetFile.Load(path).ToText());
        Assert.Equal([1, 2], IssuerSetFile.Load(path).Versions.Select(version => version.Version));
        await File.WriteAllTextAsync(path, new string('A', IssuerSetFile.MaxLength + 1), TestContext.Current.CancellationToken);
        Assert.Equal(TrustError.Malformed, Assert.Throws<TrustException>(() => IssuerSetFile.Load(path)).Error);
    }

    [Fact]
    public void Begin_EveryTerm_IsInTheClaims()
    {
        var draft = _sets.Draft() with { Signers = [new string('a', 64)], Expires = TestPublisher.Now.AddDays(90) };

        var claims = _sets.Sign(_sets.RootKey).Begin("acme", draft).Newest;

        Assert.Equal(("acme", 1, TestPublisher.Now), (claims.Publisher, claims.Version, claims.IssuedAt));
        var read = IssuerSetDraft.From(claims);
        Assert.Equal(draft.Expires, read.Expires);
        Assert.Equal(draft.Keys, read.Keys);
        Assert.Equal(draft.Issuers, read.Issuers);
        Assert.Equal(draft.Signers, read.Signers);
    }

    [Fact]
    public void Begin_TermsThatNobodyCouldRead_Throws()
    {
        var signer = _sets.Sign(_sets.RootKey);

        Assert.Throws<ArgumentException>(() => signer.Begin("acme", _sets.Draft() with { Keys = [] }));
        Assert.Throws<ArgumentException>(() => signer.Begin("acme", _sets.Draft() with { Signers = [] }));
        Assert.Throws<ArgumentException>(() => signer.Begin("acme", _sets.Draft() with { Expires = TestPublisher.Now }));
        Assert.Throws<ArgumentException>(() => signer.Begin("Acme", _sets.Draft()));
        Assert.Throws<ArgumentException>(() => signer.Begin("acme", _sets.Draft() with { Issuers = [TestIssuerSets.Issuer("a b", _sets.FirstIssuer)] }));
    }

    [Fact]
    public void Continue_KeyThatTheNewestDoesNotName_ThrowsSignatureInvalid()
    {
        var refused = Assert.Throws<TrustException>(() => _sets.Sign(_sets.SetKey).Continue(_sets.Second, _sets.Draft()));

        Assert.Equal(TrustError.SignatureInvalid, refused.Error);
        Assert.Contains(JsonWebKey.FromECDsa(_sets.NextSetKey).Thumbprint, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Continue_FullFile_Throws()
    {
        var file = _sets.First;
        while (file.Newest.Version < IssuerSetFile.MaxVersions)
        {
            file = _sets.Sign(_sets.SetKey).Continue(file, _sets.Draft());
        }

        Assert.Equal(64, _sets.Update(_sets.Trust, file).Publishers["acme"].IssuerSetVersion);
        Assert.Throws<ArgumentException>(() => _sets.Sign(_sets.SetKey).Continue(file, _sets.Draft()));
    }

    // A key in a key file, as issuers.key is, signs as an ECDsa does.
    [Fact]
    public void Continue_WithADeviceKey_IsAccepted()
    {
        using var folder = new TemporaryFolder();
        using var key = KeyFile.Create(folder.File("issuers.key"));
        var first = _sets.Sign(_sets.RootKey).Begin("acme", _sets.Draft() with { Keys = [key.SigningKey] });

        var second = new IssuerSetSigner(key) { Clock = _sets.Clock }.Continue(first, _sets.Draft());

        Assert.Equal(2, _sets.Update(_sets.Trust, second).Publishers["acme"].IssuerSetVersion);
    }

    private TrustException? TryUpdate(TrustStore store, byte[] file)
    {
        try
        {
            _ = _sets.Update(store, IssuerSetFile.Parse(Encoding.UTF8.GetString(file)));
            return null;
        }
        catch (TrustException e)
        {
            return e;
        }
    }

    private string WithClaim(string claim, string? value)
    {
        var payload = JsonNode.Parse(Tokens.Payload(_sets.First.ToText()))!.AsObject();
        _ = payload.Remove(claim);
        var text = payload.ToJsonString();
        return Sign(value is null ? text : $"{text[..^1]},\"{claim}\":{value}}}");
    }

    private string Sign(string payload) => Jws.Sign(IssuerSetToken.Type, Encoding.UTF8.GetBytes(payload), _sets.RootKey) + "\n";

    private static string Payload(IssuerSetClaims claims) => Encoding.UTF8.GetString(IssuerSetWriter.Write(claims));

    private static void AssertMalformed(string text)
    {
        var refused = Assert.Throws<TrustException>(() => IssuerSetFile.Parse(text));
        Assert.Equal(TrustError.Malformed, refused.Error);
        Assert.True(Encoding.UTF8.GetByteCount(refused.Message) < 600, refused.Message);
    }
}
