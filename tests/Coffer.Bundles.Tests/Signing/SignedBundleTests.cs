using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Coffer.Bundles;

namespace Coffer.Tests.Signing;

public sealed class SignedBundleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TestPublisher _publisher = new();

    public void Dispose()
    {
        _publisher.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Verify_PackedBundle_GivesWhatWasPacked()
    {
        var path = await _publisher.PackAsync(_folder);

        using var signed = SignedBundle.Open(path);
        using var verified = signed.Verify(_publisher.Trust, _publisher.Verification);

        Assert.Equal("acme/digits", verified.Manifest.Id);
        Assert.Equal("1.2.0", verified.Manifest.Version.ToString());
        Assert.Equal(TestPublisher.Now, verified.Manifest.Created);
        Assert.Equal(TestPublisher.Now.ToUnixTimeSeconds(), verified.Manifest.Sequence);
        Assert.Equal(["settings.json", "files/labels.txt", "graphs/model/weights"], verified.Manifest.Parts.Select(p => p.Name));
        Assert.Equal("ECDSA P-256, SHA-256", verified.Signature.Algorithm);
        Assert.Contains("acme", verified.Signature.Signer, StringComparison.Ordinal);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path).AsSpan(0, signed.SignedLength))), verified.ManifestDigest);
        verified.VerifyParts(cancellationToken: TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(16384)]
    [InlineData(1 << 20)]
    [InlineData((1 << 20) + 1)]
    [InlineData((5 << 20) + 12345)]
    public async Task Decrypt_PartOfAnyLength_GivesItsBytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        var path = await _publisher.PackAsync(_folder, [PartSource.FromBytes("graphs/model/weights", PartGroup.Weights, bytes)]);
        using var verified = Verify(path);

        using var part = verified.Decrypt("graphs/model/weights", _publisher.Keys[PartGroup.Weights], TestContext.Current.CancellationToken);

        Assert.Equal(length, part.Length);
        Assert.True(part.Span.SequenceEqual(bytes));
        Assert.Equal(0, part.Pointer % 4096);
    }

    [Fact]
    public async Task Verify_FromMemory_IsTheSame()
    {
        var bytes = await File.ReadAllBytesAsync(await _publisher.PackAsync(_folder), TestContext.Current.CancellationToken);

        using var signed = SignedBundle.FromMemory(bytes);
        using var verified = signed.Verify(_publisher.Trust, _publisher.Verification);

        Assert.Equal("acme/digits", verified.Manifest.Id);
    }

    [Fact]
    public async Task Dispose_SignedBundleBeforeVerified_LeavesTheVerifiedUsable()
    {
        var signed = SignedBundle.Open(await _publisher.PackAsync(_folder));
        using var verified = signed.Verify(_publisher.Trust, _publisher.Verification);

        signed.Dispose();

        verified.VerifyParts(cancellationToken: TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Decrypt_FileReplacedAfterVerify_GivesTheVerifiedBytes()
    {
        var path = await _publisher.PackAsync(_folder);
        using var verified = Verify(path);
        File.Move(await PackOtherAsync(), path, overwrite: true);

        using var part = verified.Decrypt("settings.json", _publisher.Keys[PartGroup.Settings], TestContext.Current.CancellationToken);

        Assert.Equal("{}", Encoding.UTF8.GetString(part.Span));
    }

    [Fact]
    public async Task Decrypt_FileOverwrittenInPlaceAfterVerify_ThrowsPartAltered()
    {
        var path = await _publisher.PackAsync(_folder);
        using var verified = Verify(path);
        var other = await File.ReadAllBytesAsync(await PackOtherAsync(), TestContext.Current.CancellationToken);
        await using (var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
        {
            await file.WriteAsync(other, TestContext.Current.CancellationToken);
        }

        AssertRejected(BundleError.PartAltered, BundleSection.Part, () => verified.Decrypt("settings.json", _publisher.Keys[PartGroup.Settings], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Decrypt_OtherKeyOfThatName_ThrowsWrongContentKey()
    {
        using var verified = Verify(await _publisher.PackAsync(_folder));
        using var other = ContentKey.Generate("digits.weights.1");

        AssertRejected(BundleError.WrongContentKey, BundleSection.Part, () => verified.Decrypt("graphs/model/weights", other, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Decrypt_PartThatIsNotThere_ThrowsPartMissing()
    {
        using var verified = Verify(await _publisher.PackAsync(_folder));

        AssertRejected(BundleError.PartMissing, BundleSection.Part, () => verified.Decrypt("graphs/other/graph", _publisher.Keys[PartGroup.Weights], TestContext.Current.CancellationToken));
    }

    // A licensee holds the content key: he can encrypt as well as the publisher, but not sign.
    [Fact]
    public async Task VerifyParts_PartEncryptedAgainByAKeyHolder_ThrowsPartAltered()
    {
        var bytes = await File.ReadAllBytesAsync(await _publisher.PackAsync(_folder), TestContext.Current.CancellationToken);
        using var signed = SignedBundle.FromMemory(bytes);
        var part = signed.Manifest.Parts[0];
        using var message = ChunkedAead.Create(_publisher.Keys[PartGroup.Settings].Bytes, new byte[24], PartContext.For(signed.Manifest, part.Name));
        using var cipher = message.CreateCipher();
        var forged = bytes.AsSpan((int)part.Offset, (int)part.Length);
        message.WriteHeader(forged);
        cipher.Encrypt(0, "[]"u8, last: true, forged[ChunkedAead.HeaderSize..]);

        using var verified = signed.Verify(_publisher.Trust, _publisher.Verification);

        AssertRejected(BundleError.PartAltered, BundleSection.Part, () => verified.VerifyParts());
        AssertRejected(BundleError.PartAltered, BundleSection.Part, () => verified.Decrypt(part.Name, _publisher.Keys[PartGroup.Settings], default));
    }

    [Fact]
    public async Task Verify_PublisherUnknown_ThrowsUntrustedSigner()
    {
        using var signed = SignedBundle.Open(await _publisher.PackAsync(_folder));

        AssertRejected(BundleError.UntrustedSigner, BundleSection.Signature, () => signed.Verify(new TrustStore(), _publisher.Verification));
    }

    [Fact]
    public async Task Verify_SameNameOtherRoot_ThrowsUntrustedSigner()
    {
        using var impostor = new TestPublisher();
        using var signed = SignedBundle.Open(await impostor.PackAsync(_folder));

        AssertRejected(BundleError.UntrustedSigner, BundleSection.Signature, () => signed.Verify(_publisher.Trust, _publisher.Verification));
    }

    // The root of one publisher signs nothing for another.
    [Fact]
    public async Task Verify_RootOfAnotherPublisher_ThrowsUntrustedSigner()
    {
        using var other = new TestPublisher("other");
        using var signed = SignedBundle.Open(await _publisher.PackAsync(_folder));
        var trust = new TrustStore(new TrustedPublisher("acme", [other.Root], []), new TrustedPublisher("other", [_publisher.Root], []));

        AssertRejected(BundleError.UntrustedSigner, BundleSection.Signature, () => signed.Verify(trust, _publisher.Verification));
    }

    [Theory]
    [InlineData(-1, BundleError.SignerNotYetValid)]
    [InlineData(11 * 365, BundleError.SignerExpired)]
    public async Task Verify_CertificateOutsideItsTime_ThrowsWhich(int days, BundleError expected)
    {
        using var signed = SignedBundle.Open(await _publisher.PackAsync(_folder));
        var then = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(TestPublisher.Now.AddDays(days));

        AssertRejected(expected, BundleSection.Signature, () => signed.Verify(_publisher.Trust, new VerificationOptions { Clock = then }));
    }

    [Fact]
    public void Open_NotABundle_ThrowsNotABundle()
    {
        AssertRejected(BundleError.NotABundle, BundleSection.File, () => SignedBundle.FromMemory(new byte[100]));
        AssertRejected(BundleError.NotABundle, BundleSection.File, () => SignedBundle.FromMemory(Array.Empty<byte>()));
        AssertRejected(BundleError.Unreadable, BundleSection.File, () => SignedBundle.Open(_folder.File("none.coffer")));
    }

    [Fact]
    public async Task Open_TrailingByte_ThrowsTrailingData()
    {
        byte[] bytes = [.. await File.ReadAllBytesAsync(await _publisher.PackAsync(_folder), TestContext.Current.CancellationToken), 0];

        AssertRejected(BundleError.TrailingData, BundleSection.File, () => SignedBundle.FromMemory(bytes));
    }

    [Fact]
    public async Task Open_LaterFormat_SaysWhichSdkReadsIt()
    {
        var bytes = await File.ReadAllBytesAsync(await _publisher.PackAsync(_folder), TestContext.Current.CancellationToken);
        bytes[8] = 2;

        var error = AssertRejected(BundleError.UnsupportedVersion, BundleSection.Header, () => SignedBundle.FromMemory(bytes));

        Assert.Contains("format version 2", error.Message, StringComparison.Ordinal);
        Assert.Contains("SDK that reads format 2", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(12, uint.MaxValue)]
    [InlineData(12, (1u << 20) + 1)]
    [InlineData(16, uint.MaxValue)]
    [InlineData(16, 16383u)]
    public async Task Open_AbsurdLength_ThrowsBeforeItAllocates(int offset, uint value)
    {
        var bytes = await File.ReadAllBytesAsync(await _publisher.PackAsync(_folder), TestContext.Current.CancellationToken);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(offset), value);
        var before = GC.GetAllocatedBytesForCurrentThread();

        AssertRejected(BundleError.LimitExceeded, BundleSection.Header, () => SignedBundle.FromMemory(bytes));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 10);
    }

    private async Task<string> PackOtherAsync()
    {
        using var folder = new TemporaryFolder();
        var parts = TestPublisher.SmallParts.ToArray();
        parts[0] = PartSource.FromBytes("settings.json", PartGroup.Settings, "[]"u8.ToArray());
        var path = await _publisher.PackAsync(folder, parts);
        var target = _folder.File("other.coffer");
        File.Move(path, target);
        return target;
    }

    private VerifiedBundle Verify(string path)
    {
        using var signed = SignedBundle.Open(path);
        return signed.Verify(_publisher.Trust, _publisher.Verification);
    }

    private static BundleException AssertRejected(BundleError error, BundleSection section, Action action)
    {
        var exception = Assert.Throws<BundleException>(action);
        Assert.Equal((error, section), (exception.Error, exception.Section));
        return exception;
    }
}
