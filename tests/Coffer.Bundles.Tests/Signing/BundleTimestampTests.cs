using System.Collections.Concurrent;
using System.Formats.Asn1;
using System.Net;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Coffer.Bundles;
using Microsoft.Extensions.Time.Testing;

namespace Coffer.Tests.Signing;

/// <summary>Timestamps of <c>openssl ts</c> on bundles.</summary>
public sealed class BundleTimestampTests : IDisposable
{
    private const string CodeSigning = "1.3.6.1.5.5.7.3.3";

    private readonly TemporaryFolder _folder = new();

    // The authority's clock is the system's, so the publisher's is, too.
    private readonly TestPublisher _publisher = new(now: TimeProvider.System.GetUtcNow());

    private DateTimeOffset Now => _publisher.Clock.GetUtcNow();

    public void Dispose()
    {
        _publisher.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("EC -pkeyopt ec_paramgen_curve:P-256")]
    [InlineData("EC -pkeyopt ec_paramgen_curve:P-384")]
    [InlineData("RSA -pkeyopt rsa_keygen_bits:3072")]
    public async Task AddAsync_AuthorityOfEachKey_GivesTheTimeOfTheSignature(string key)
    {
        var authority = await TestTimestampAuthority.CreateAsync(_folder, key: key);
        var path = await _publisher.PackAsync(_folder);
        var before = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);

        var time = await AddAsync(path, authority);

        using var verified = Verify(path, authority);
        Assert.Equal(time, verified.Signature.Timestamp);
        Assert.Equal(TimeSpan.Zero, time.Offset);
        Assert.InRange(time, Now.AddMinutes(-1), TimeProvider.System.GetUtcNow().AddMinutes(1));
        using var signed = SignedBundle.Open(path);
        Assert.Equal(time, signed.ReadSignature().Timestamp);
        var after = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        var slot = new Range(signed.SignedLength, signed.SignedLength + signed.SignatureCapacity);
        before.AsSpan(slot).Clear();
        after.AsSpan(slot).Clear();
        Assert.Equal(before, after);
    }

    [Fact]
    public async Task AddAsync_Twice_ReplacesTheFirst()
    {
        var authority = await TestTimestampAuthority.CreateAsync(_folder);
        var path = await _publisher.PackAsync(_folder);
        await AddAsync(path, authority);

        var second = await AddAsync(path, authority);

        using var verified = Verify(path, authority);
        Assert.Equal(second, verified.Signature.Timestamp);
    }

    [Fact]
    public async Task Verify_AfterTheSignersCertificateExpired_NeedsTheTimestamp()
    {
        var authority = await TestTimestampAuthority.CreateAsync(_folder);
        var path = await _publisher.PackAsync(_folder);
        var later = Now.AddYears(30);
        AssertRejected(BundleError.SignerExpired, () => Verify(path, authority, later));

        await AddAsync(path, authority);

        using var verified = Verify(path, authority, later);
        Assert.NotNull(verified.Signature.Timestamp);
    }

    [Fact]
    public async Task Verify_TimestampOfTheFuture_IsRefusedBeyondFiveMinutes()
    {
        var authority = await TestTimestampAuthority.CreateAsync(_folder);
        var path = await _publisher.PackAsync(_folder);
        var time = await AddAsync(path, authority);

        Verify(path, authority, time.AddMinutes(-5)).Dispose();
        AssertRejected(BundleError.TimestampInvalid, () => Verify(path, authority, time.AddMinutes(-5).AddSeconds(-1)));
    }

    [Fact]
    public async Task Verify_RequiredTimestampMissing_ThrowsTimestampMissing()
    {
        var authority = await TestTimestampAuthority.CreateAsync(_folder);
        var path = await _publisher.PackAsync(_folder, draft: _publisher.Draft with { TimestampRequired = true });
        var stripped = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        await AddAsync(path, authority);
        Verify(path, authority).Dispose();

        await File.WriteAllBytesAsync(path, stripped, TestContext.Current.CancellationToken);

        AssertRejected(BundleError.TimestampMissing, () => Verify(path, authority));
    }

    [Fact]
    public async Task Verify_AuthorityThatIsNotTrustedForIt_ThrowsTimestampInvalid()
    {
        var authority = await TestTimestampAuthority.CreateAsync(_folder);
        var other = await TestTimestampAuthority.CreateAsync(_folder);
        var path = await _publisher.PackAsync(_folder);
        await AddAsync(path, authority);

        AssertRejected(BundleError.TimestampInvalid, () => Verify(path, other));
        AssertRejected(BundleError.TimestampInvalid, () => Verify(path, Trust([_publisher.Root]), Now));
        AssertRejected(BundleError.TimestampInvalid, () => Verify(path, Trust([]), Now));
    }

    // A root for bundles is none for timestamps, and the other way round.
    [Fact]
    public async Task Verify_TimestampRootAsPublisherRoot_TrustsNoTimestamp()
    {
        var authority = await TestTimestampAuthority.CreateAsync(_folder);
        var path = await _publisher.PackAsync(_folder);
        await AddAsync(path, authority);
        var trust = new TrustStore(new TrustedPublisher("acme", [_publisher.Root, authority.Root], []) { TimestampAuthorities = [_publisher.Root] });

        AssertRejected(BundleError.TimestampInvalid, () => Verify(path, trust, Now));
    }

    [Fact]
    public async Task Verify_TimestampOfAnotherSignature_ThrowsTimestampInvalid()
    {
        var authority = await TestTimestampAuthority.CreateAsync(_folder);
        var path = await _publisher.PackAsync(_folder);
        await AddAsync(path, authority);
        var foreign = Decode(path).Timestamp;

        var bundle = await File.ReadAllBytesAsync(await _publisher.PackAsync(_folder), TestContext.Current.CancellationToken);
        bundle = WithSignature(bundle, signature => signature with { Timestamp = foreign });

        AssertRejected(BundleError.TimestampInvalid, () => Verify(bundle, authority));
    }

    [Fact]
    public async Task Verify_TheOtherFormOfTheAuthoritysSignature_IsRefused()
    {
        var authority = await TestTimestampAuthority.CreateAsync(_folder);
        var path = await _publisher.PackAsync(_folder);
        await AddAsync(path, authority);
        var bundle = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);

        var high = WithSignature(bundle, signature => signature with { Timestamp = signature.Timestamp! with { Signature = OtherForm(signature.Timestamp.Signature) } });

        AssertRejected(BundleError.InvalidSignature, () => Verify(high, authority));
    }

    // Certificates, attributes and their order are what an attacker could vary without the authority's key.
    [Fact]
    public async Task Verify_TokenWithMoreOrFewerValues_IsRefused()
    {
        var authority = await TestTimestampAuthority.CreateAsync(_folder);
        var path = await _publisher.PackAsync(_folder);
        await AddAsync(path, authority);
        var bundle = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        var token = Decode(path).Timestamp!;
        Assert.True(token.SignedAttributes.Count > 2);

        foreach (var altered in new[]
        {
            token with { Certificates = [.. token.Certificates, _publisher.Root.RawDataMemory] },
            token with { Certificates = [.. token.Certificates.Take(token.Certificates.Count - 1), _publisher.Root.RawDataMemory] },
            token with { SignedAttributes = [.. token.SignedAttributes.Skip(1)] },
            token with { SignedAttributes = [.. token.SignedAttributes, token.SignedAttributes[0]] },
            token with { HashOid = SignatureAlgorithm.Sha512Oid },
        })
        {
            var error = Assert.Throws<BundleException>(() => Verify(WithSignature(bundle, signature => signature with { Timestamp = altered }), authority));
            Assert.True(error.Error is BundleError.InvalidSignature or BundleError.TimestampInvalid, error.Message);
        }
    }

    [Theory]
    [InlineData("EC -pkeyopt ec_paramgen_curve:P-256")]
    [InlineData("RSA -pkeyopt rsa_keygen_bits:3072")]
    public async Task Verify_EverySingleBitFlipOfTheSignature_IsRejected(string key)
    {
        var authority = await TestTimestampAuthority.CreateAsync(_folder, key: key);
        var path = await _publisher.PackAsync(_folder);
        await AddAsync(path, authority);
        var bundle = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        using var signed = SignedBundle.FromMemory(bundle);
        var (start, length) = (signed.SignedLength, sizeof(uint) + signed.SignatureBytes.Length);
        var accepted = new ConcurrentBag<string>();

        Parallel.For(0, length * 8, () => bundle.ToArray(), (bit, _, copy) =>
        {
            var position = start + (bit / 8);
            copy[position] ^= (byte)(1 << (bit % 8));
            try
            {
                Verify(copy, authority).Dispose();
                accepted.Add($"byte {bit / 8} bit {bit % 8}");
            }
            catch (BundleException e) when (e.Section == BundleSection.Signature)
            {
                // As it must be.
            }

            copy[position] ^= (byte)(1 << (bit % 8));
            return copy;
        }, _ => { });

        TestContext.Current.TestOutputHelper?.WriteLine($"{length * 8} flips of a signature of {length} bytes.");
        Assert.Empty(accepted);
    }

    // RFC 3161 §2.3: the authority's certificate is for timestamps alone, and says so critically.
    [Theory]
    [InlineData(true, 10, true, CmsOids.TimeStamping)]
    [InlineData(false, 10, false, CmsOids.TimeStamping)]
    [InlineData(false, 10, true, CodeSigning)]
    [InlineData(false, 10, true, CmsOids.BundleSigning)]
    [InlineData(false, 10, true, CmsOids.TimeStamping, CodeSigning)]
    [InlineData(false, -1, true, CmsOids.TimeStamping)]
    public async Task Verify_AuthoritysCertificate_IsOfTheTimeAndForTimestampsAlone(bool accepted, int secondsAfterTime, bool critical, params string[] usages)
    {
        var authority = await TestTimestampAuthority.CreateAsync(_folder);
        var path = await _publisher.PackAsync(_folder);
        var time = await AddAsync(path, authority);
        var other = authority.SignAgain(Decode(path).Timestamp!, critical, time.AddSeconds(secondsAfterTime), usages);
        var bundle = WithSignature(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken), signature => signature with { Timestamp = other });

        if (accepted)
        {
            Verify(bundle, authority).Dispose();
        }
        else
        {
            AssertRejected(BundleError.TimestampInvalid, () => Verify(bundle, authority));
        }
    }

    // Version 1 of the attribute signing-certificate names a certificate by SHA-1.
    [Fact]
    public async Task AddAsync_AuthorityBoundBySha1_LeavesTheBundleAsItWas()
    {
        var path = await _publisher.PackAsync(_folder);
        var before = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        var authority = await TestTimestampAuthority.CreateAsync(_folder, certificateHash: "sha1");

        await AssertAddRejectedAsync(BundleError.TimestampInvalid, path, authority.RespondAsync);

        Assert.Equal(before, await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task AddAsync_SlotTooSmall_NamesSignatureCapacity()
    {
        var request = new CertificateRequest("CN=large", _publisher.SignerKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509Extension("1.2.3.4", new byte[15_000], critical: false));
        using var large = request.Create(_publisher.Root.SubjectName, X509SignatureGenerator.CreateForECDsa(_publisher.RootKey), Now, Now.AddDays(1), [1]);
        var path = await _publisher.PackAsync(_folder, signer: new BundleSigner(_publisher.SignerKey, large));
        var authority = await TestTimestampAuthority.CreateAsync(_folder);

        var error = await Assert.ThrowsAsync<BundleException>(() => AddAsync(path, authority));

        Assert.Equal(BundleError.LimitExceeded, error.Error);
        Assert.Contains("SignatureCapacity", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddAsync_AnyBundle_IsAcceptedByOpenSsl()
    {
        var authority = await TestTimestampAuthority.CreateAsync(_folder);
        var path = await _publisher.PackAsync(_folder);
        await AddAsync(path, authority);
        var cancellation = TestContext.Current.CancellationToken;
        using var signed = SignedBundle.Open(path);
        var signature = Decode(path);
        var content = await File.ReadAllBytesAsync(path, cancellation);
        await File.WriteAllBytesAsync(_folder.File("content"), content.AsMemory(0, signed.SignedLength), cancellation);
        await File.WriteAllBytesAsync(_folder.File("signature.der"), signed.SignatureBytes, cancellation);
        await File.WriteAllBytesAsync(_folder.File("value"), signature.Signature, cancellation);
        await File.WriteAllBytesAsync(_folder.File("token.der"), signature.Timestamp!.Encode(), cancellation);
        await File.WriteAllTextAsync(_folder.File("root.pem"), _publisher.Root.ExportCertificatePem(), cancellation);
        await File.WriteAllTextAsync(_folder.File("authority.pem"), authority.Root.ExportCertificatePem(), cancellation);

        foreach (var arguments in new[]
        {
            "cms -verify -binary -purpose any -inform DER -in signature.der -content content -CAfile root.pem -out out",
            "ts -verify -token_in -in token.der -data value -CAfile authority.pem",
        })
        {
            var (exitCode, output) = await OpenSsl.RunAsync(arguments, _folder.Path);
            Assert.True(exitCode == 0, output);
        }
    }

    [Fact]
    public async Task AddAsync_ResponseToAnotherRequest_ThrowsTimestampInvalid()
    {
        var authority = await TestTimestampAuthority.CreateAsync(_folder);
        var path = await _publisher.PackAsync(_folder);
        byte[] earlier = [];
        await BundleTimestamp.AddAsync(path, async (request, cancellation) => earlier = await authority.RespondAsync(request, cancellation), TestContext.Current.CancellationToken);

        await AssertAddRejectedAsync(BundleError.TimestampInvalid, path, (_, _) => Task.FromResult(earlier));
        await AssertAddRejectedAsync(BundleError.TimestampInvalid, path, (_, _) => Task.FromResult(Array.Empty<byte>()));
        await AssertAddRejectedAsync(BundleError.TimestampInvalid, path, (_, _) => Task.FromResult("<html>busy</html>"u8.ToArray()));
    }

    [Fact]
    public async Task RequestAsync_AuthorityOverHttp_PostsTheRequest()
    {
        var authority = await TestTimestampAuthority.CreateAsync(_folder);
        var path = await _publisher.PackAsync(_folder);
        using var handler = new AuthorityHandler(authority);
        using var client = new HttpClient(handler);

        await BundleTimestamp.RequestAsync(path, client, new Uri("http://timestamp.test/"), TestContext.Current.CancellationToken);

        Assert.Equal("application/timestamp-query", handler.ContentType);
        Verify(path, authority).Dispose();
        handler.Status = HttpStatusCode.ServiceUnavailable;
        await Assert.ThrowsAsync<HttpRequestException>(() => BundleTimestamp.RequestAsync(path, client, new Uri("http://timestamp.test/"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task FromDirectory_TimestampFolder_GivesItsCertificates()
    {
        var authority = await TestTimestampAuthority.CreateAsync(_folder);
        Directory.CreateDirectory(_folder.File("trust", "acme", "timestamp"));
        await File.WriteAllTextAsync(_folder.File("trust", "acme", "root.crt"), _publisher.Root.ExportCertificatePem(), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(_folder.File("trust", "acme", "timestamp", "authority.crt"), authority.Root.ExportCertificatePem(), TestContext.Current.CancellationToken);

        var publisher = TrustStore.FromDirectory(_folder.File("trust")).Publishers["acme"];

        Assert.Equal(authority.Root.RawData, Assert.Single(publisher.TimestampAuthorities).RawData);
        Assert.Single(publisher.Roots);
    }

    private static Task<DateTimeOffset> AddAsync(string path, TestTimestampAuthority authority) =>
        BundleTimestamp.AddAsync(path, authority.RespondAsync, TestContext.Current.CancellationToken);

    private static async Task AssertAddRejectedAsync(BundleError expected, string path, Func<ReadOnlyMemory<byte>, CancellationToken, Task<byte[]>> respond)
    {
        var error = await Assert.ThrowsAsync<BundleException>(() => BundleTimestamp.AddAsync(path, respond, TestContext.Current.CancellationToken));
        Assert.Equal((expected, BundleSection.Signature), (error.Error, error.Section));
    }

    private VerifiedBundle Verify(string path, TestTimestampAuthority authority, DateTimeOffset? now = null) =>
        Verify(path, Trust([authority.Root]), now ?? TimeProvider.System.GetUtcNow());

    private static VerifiedBundle Verify(string path, TrustStore trust, DateTimeOffset now)
    {
        using var signed = SignedBundle.Open(path);
        return signed.Verify(trust, new VerificationOptions { Clock = new FakeTimeProvider(now) });
    }

    private VerifiedBundle Verify(byte[] bundle, TestTimestampAuthority authority)
    {
        using var signed = SignedBundle.FromMemory(bundle);
        return signed.Verify(Trust([authority.Root]), new VerificationOptions { Clock = TimeProvider.System });
    }

    private TrustStore Trust(IReadOnlyList<X509Certificate2> authorities) =>
        new(new TrustedPublisher("acme", [_publisher.Root], []) { TimestampAuthorities = authorities });

    private static void AssertRejected(BundleError expected, Action action)
    {
        var error = Assert.Throws<BundleException>(action);
        Assert.True(expected == error.Error && error.Section == BundleSection.Signature, $"{error.Error} in {error.Section}: {error.Message}");
    }

    private static CmsSignature Decode(string path)
    {
        using var signed = SignedBundle.Open(path);
        return CmsSignature.Decode(signed.SignatureBytes);
    }

    private static byte[] WithSignature(byte[] bundle, Func<CmsSignature, CmsSignature> alter)
    {
        using var signed = SignedBundle.FromMemory(bundle);
        byte[] copy = [.. bundle];
        SignatureSlot.TryEncode(alter(CmsSignature.Decode(signed.SignatureBytes)).Encode(), signed.SignatureCapacity)!.CopyTo(copy, signed.SignedLength);
        return copy;
    }

    private static byte[] OtherForm(ReadOnlyMemory<byte> signature)
    {
        var values = new AsnReader(signature, AsnEncodingRules.DER).ReadSequence();
        var (r, s) = (values.ReadInteger(), values.ReadInteger());
        var order = new BigInteger(P256.Order, isUnsigned: true, isBigEndian: true);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(r);
            writer.WriteInteger(order - s);
        }

        return writer.Encode();
    }

    private sealed class AuthorityHandler(TestTimestampAuthority authority) : HttpMessageHandler
    {
        public string? ContentType { get; private set; }

        public HttpStatusCode Status { get; set; } = HttpStatusCode.OK;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            ContentType = request.Content!.Headers.ContentType!.MediaType;
            var response = await authority.RespondAsync(await request.Content.ReadAsByteArrayAsync(cancellationToken), cancellationToken);
            return new HttpResponseMessage(Status) { Content = new ByteArrayContent(response) };
        }
    }
}
