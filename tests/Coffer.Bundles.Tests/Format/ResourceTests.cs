using System.Buffers.Binary;
using System.Text;
using Coffer.Bundles;
using Coffer.Tests.Keys;
using Coffer.Tests.Licensing;

namespace Coffer.Tests.Format;

/// <summary>
/// Input that asks for absurd memory or time gets neither: each refusal states its error and the most that it may allocate, and a hang ends
/// the run. A slow source is no case of its own: bundles are files or memory, which are read at a position, never waited for.
/// </summary>
public sealed class ResourceTests : IDisposable
{
    private const int KiB = 1 << 10;
    private const int MiB = 1 << 20;

    private readonly TemporaryFolder _folder = new();
    private readonly TestPublisher _publisher = new();

    public void Dispose()
    {
        _publisher.Dispose();
        _folder.Dispose();
    }

    public static TheoryData<string, BundleError, int> Manifests => new()
    {
        // A million parts don't fit into a manifest, however short.
        { "million parts", BundleError.LimitExceeded, 16 * KiB },
        { "as many empty parts as fit", BundleError.InvalidManifest, 24 * MiB },
        { "as many numbers for parts as fit", BundleError.InvalidManifest, 24 * MiB },
        { "more parts than the limit", BundleError.LimitExceeded, 24 * MiB },
        { "deep lists", BundleError.InvalidManifest, 4 * MiB },
        { "deep objects", BundleError.InvalidManifest, 4 * MiB },
        { "many names", BundleError.InvalidManifest, 32 * MiB },
        { "one name again and again", BundleError.InvalidManifest, 32 * MiB },
        { "a long name", BundleError.InvalidManifest, 8 * MiB },
        { "a long number", BundleError.InvalidManifest, 8 * MiB },
        { "a long must", BundleError.UnsupportedVersion, 8 * MiB },
    };

    [Theory]
    [MemberData(nameof(Manifests))]
    public void Open_AbsurdManifest_IsRefusedWithinItsMemory(string what, BundleError error, int ceiling)
    {
        var bundle = WithManifest(Encoding.UTF8.GetBytes(Manifest(what)));

        AssertRefused(error, ceiling, () => SignedBundle.FromMemory(bundle));
    }

    // 4 GiB and more wherever the format has a length.
    [Theory]
    [InlineData(12, sizeof(uint), BundleError.LimitExceeded)]
    [InlineData(16, sizeof(uint), BundleError.LimitExceeded)]
    [InlineData(20, sizeof(uint), BundleError.InvalidHeader)]
    [InlineData(24, sizeof(uint), BundleError.Truncated)]
    [InlineData(24, sizeof(ulong), BundleError.LimitExceeded)]
    public async Task Open_HeaderLengthOf4GiBAndMore_IsRefusedWithinItsMemory(int offset, int size, BundleError error)
    {
        var bundle = await PackAsync();
        bundle.AsSpan(offset, size).Fill(0xFF);

        AssertRefused(error, 16 * KiB, () => SignedBundle.FromMemory(bundle));
    }

    [Theory]
    [InlineData("length", "4294967384", BundleError.LimitExceeded)]
    [InlineData("length", "4503599627370000", BundleError.LimitExceeded)]
    [InlineData("length", "18446744073709551615", BundleError.InvalidManifest)]
    [InlineData("length", "1e18", BundleError.InvalidManifest)]
    [InlineData("offset", "4294967296", BundleError.InvalidManifest)]
    [InlineData("offset", "9007199254740991", BundleError.LimitExceeded)]
    public async Task Open_PartOf4GiBAndMore_IsRefusedWithinItsMemory(string field, string value, BundleError error)
    {
        var bundle = await PackAsync();
        using var signed = SignedBundle.FromMemory(bundle);
        var part = signed.Manifest.Parts[0];
        var text = Encoding.UTF8.GetString(bundle.AsSpan(BundleHeader.Size, signed.SignedLength - BundleHeader.Size));
        var old = field == "length" ? part.Length : part.Offset;
        var changed = WithManifest(Encoding.UTF8.GetBytes(text.Replace($"\"{field}\":{old}", $"\"{field}\":{value}", StringComparison.Ordinal)));

        AssertRefused(error, 256 * KiB, () => SignedBundle.FromMemory(changed));
    }

    // Weights may be of 1 TiB: their leaf table is allocated only where the file has their bytes.
    [Fact]
    public void Open_WeightsOf1TiBInASmallFile_IsRefusedWithinItsMemory()
    {
        var parts = string.Join(',', Enumerable.Range(0, 100).Select(i => $$"""{"name":"w{{i}}","group":"weights","offset":20480,"length":1099511627776,"digest":"{{new string('0', 64)}}"}"""));
        var bundle = WithManifest(Encoding.UTF8.GetBytes(Head + $"\"parts\":[{parts}]}}"));

        AssertRefused(BundleError.InvalidManifest, 512 * KiB, () => SignedBundle.FromMemory(bundle));
    }

    // Each part is within limits that the application raised; their sum is within no integer.
    [Fact]
    public void Open_PartsBeyondEveryLengthUnderRaisedLimits_ThrowsLimitExceeded()
    {
        var parts = string.Join(',', Enumerable.Range(0, 4096).Select(i => $$"""{"name":"w{{i}}","group":"weights","offset":0,"length":4503599627370000,"digest":"{{new string('0', 64)}}"}"""));
        var bundle = WithManifest(Encoding.UTF8.GetBytes(Head + $"\"parts\":[{parts}]}}"));

        AssertRefused(BundleError.LimitExceeded, 16 * MiB, () => SignedBundle.FromMemory(bundle, BundleLimits.Default with { MaxTotalLength = long.MaxValue }));
    }

    [Fact]
    public async Task Open_SignatureOf4GiB_IsRefusedWithinItsMemory()
    {
        var bundle = await PackAsync();
        using var signed = SignedBundle.FromMemory(bundle);
        BinaryPrimitives.WriteUInt32LittleEndian(bundle.AsSpan(signed.SignedLength), uint.MaxValue);

        AssertRefused(BundleError.InvalidSignature, 256 * KiB, () => SignedBundle.FromMemory(bundle));
    }

    // Every length in the DER, one after the other, says 4 GiB; and the whole is lists in lists.
    [Fact]
    public async Task Verify_DerLengthsOf4GiB_AreRefusedWithinTheirMemory()
    {
        using var signed = SignedBundle.FromMemory(await PackAsync());
        var der = signed.SignatureBytes.ToArray();
        for (var at = 1; at < der.Length; at++)
        {
            byte[] changed = [.. der[..at], 0x84, 0xFF, 0xFF, 0xFF, 0xFF, .. der[(at + 1)..]];
            AssertRefused(null, 512 * KiB, () => SignatureVerifier.Verify(new byte[100], changed, "acme", _publisher.Trust, TestPublisher.Now));
        }

        byte[] deep = [.. Enumerable.Repeat(new byte[] { 0x30, 0x80 }, 30_000).SelectMany(bytes => bytes)];
        AssertRefused(BundleError.InvalidSignature, 512 * KiB, () => SignatureVerifier.Verify(new byte[100], deep, "acme", _publisher.Trust, TestPublisher.Now));
    }

    [Fact]
    public void Parse_AbsurdLicense_IsRefusedWithinItsMemory()
    {
        using var world = new LicensingWorld();
        var payload = Tokens.Payload(world.Issue(world.Request));
        var most = (Jws.MaxLength - 400) / 4 * 3;
        foreach (var claim in new[]
        {
            "\"note\":" + new string('[', most - payload.Length - 100),
            "\"tasks\":[" + string.Join(',', Enumerable.Repeat("\"t\"", 40_000)) + "]",
            "\"models\":[" + string.Join(',', Enumerable.Repeat("{}", 60_000)) + "]",
            "\"note\":{" + string.Join(',', Enumerable.Range(0, 15_000).Select(i => $"\"n{i}\":0")) + "},\"note\":0",
        })
        {
            var names = claim[1..claim.IndexOf(':', StringComparison.Ordinal)];
            var text = payload.Replace("\"" + names, "\"old-" + names, StringComparison.Ordinal);
            var token = world.Sign($"{text[..^1]},{claim}}}");
            Assert.InRange(token.Length, Jws.MaxLength / 3, Jws.MaxLength);
            AssertLicenseRefused(16 * MiB, () => License.Parse(token));
        }

        var tooLong = new string('A', 64 * MiB);
        AssertLicenseRefused(64 * KiB, () => License.Parse(tooLong));
    }

    // What is larger than such a file can be is not read.
    [Fact]
    public void Load_AbsurdlyLargeFile_IsRefusedWithinItsMemory()
    {
        var path = _folder.File("large");
        using (var file = new FileStream(path, FileMode.CreateNew))
        {
            // Sparse where the file system can.
            file.SetLength(5L << 30);
        }

        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, KeyStorage.Private);
        }

        foreach (var load in new Action[] { () => KeyFile.Load(path), () => FileDeviceKey.Load(path), () => Recipient.Load(path) })
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Equal(KeyError.Malformed, Assert.Throws<KeyException>(load).Error);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * KiB);
        }

        AssertLicenseRefused(64 * KiB, () => License.Load(path));
        AssertRefused(BundleError.NotABundle, 64 * KiB, () => SignedBundle.Open(path));
    }

    private const string Head = """{"publisher":"acme","id":"acme/digits","version":"1.2.0","sequence":1,"instance":"00000000000000000000000000000000","task":"t","created":"2026-06-01T12:00:00Z","minSdk":"0.1.0","timestamp":"none","keys":{"settings":"a.settings.1","weights":"a.weights.1"},""";

    private static string Manifest(string what)
    {
        const int Most = BundleHeader.MaxManifestLength - 1024;
        return what switch
        {
            "million parts" => Head + "\"parts\":[" + string.Join(',', Enumerable.Repeat("{}", 1_000_000)) + "]}",
            "as many empty parts as fit" => Head + "\"parts\":[" + string.Join(',', Enumerable.Repeat("{}", BundleLimits.Default.MaxParts)) + "],\"note\":[" + string.Join(',', Enumerable.Repeat("{}", (Most / 3) - 5000)) + "]}",
            "as many numbers for parts as fit" => Head + "\"parts\":[" + string.Join(',', Enumerable.Repeat("0", 4096)) + "],\"note\":[" + string.Join(',', Enumerable.Repeat("0", (Most / 2) - 5000)) + "]}",
            "more parts than the limit" => Head + "\"parts\":[" + string.Join(',', Enumerable.Repeat("{}", Most / 3)) + "]}",
            "deep lists" => new string('[', Most),
            "deep objects" => string.Concat(Enumerable.Repeat("{\"a\":", Most / 5)),
            "many names" => "{" + string.Join(',', Enumerable.Range(0, 80_000).Select(i => $"\"n{i}\":0")) + "}",
            "one name again and again" => "{" + string.Join(',', Enumerable.Repeat("\"n\":0", Most / 6)) + "}",
            "a long name" => Head + "\"parts\":[{\"name\":\"" + new string('a', Most - 500) + "\"}]}",
            "a long number" => Head.Replace("\"sequence\":1", "\"sequence\":" + new string('1', Most - 500), StringComparison.Ordinal) + "\"parts\":[]}",
            "a long must" => Head + "\"must\":[" + string.Join(',', Enumerable.Repeat("\"id\"", (Most - 600) / 5)) + ",\"x\"],\"parts\":[]}",
            _ => throw new ArgumentOutOfRangeException(nameof(what), what, null),
        };
    }

    private async Task<byte[]> PackAsync() => await File.ReadAllBytesAsync(await _publisher.PackAsync(_folder), TestContext.Current.CancellationToken);

    private static byte[] WithManifest(byte[] manifest)
    {
        var bundle = new byte[BundleHeader.Size + manifest.Length + BundleHeader.MinSignatureCapacity];
        new BundleHeader(manifest.Length, BundleHeader.MinSignatureCapacity, bundle.Length).Write(bundle);
        manifest.CopyTo(bundle, BundleHeader.Size);
        return bundle;
    }

    private static void AssertRefused(BundleError? error, int ceiling, Action action)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var refused = Assert.Throws<BundleException>(action);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(error is null || error == refused.Error, $"{refused.Error}: {refused.Message}");
        Assert.InRange(allocated, 0, ceiling);
        Assert.InRange(refused.Message.Length, 0, 1000);
    }

    private static void AssertLicenseRefused(int ceiling, Action action)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var refused = Assert.Throws<LicenseException>(action);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(LicenseError.Malformed, refused.Error);
        Assert.InRange(allocated, 0, ceiling);
        Assert.InRange(refused.Message.Length, 0, 1000);
    }
}
