using System.Collections.Concurrent;
using Coffer.Bundles;

namespace Coffer.Tests.Signing;

/// <summary>
/// Every single-bit flip and every truncation of a small bundle: nothing is accepted, and each rejection names the section
/// where the bit lies. Exhaustive: it takes seconds.
/// </summary>
public sealed class TamperingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TestPublisher _publisher = new();

    public void Dispose()
    {
        _publisher.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Open_EverySingleBitFlip_IsRejectedWithItsSection(bool readAhead)
    {
        var bundle = await PackAsync();
        var sections = new SectionMap(bundle);
        var wrong = new ConcurrentBag<string>();

        Parallel.For(0, bundle.Length * 8, () => bundle.ToArray(), (bit, _, copy) =>
        {
            copy[bit / 8] ^= (byte)(1 << (bit % 8));
            var outcome = TryAccept(copy, readAhead);
            copy[bit / 8] ^= (byte)(1 << (bit % 8));
            if (outcome is null || !sections.Allows(bit / 8, outcome))
            {
                wrong.Add($"byte {bit / 8} bit {bit % 8} in {sections.Of(bit / 8)}: {(outcome is null ? "accepted" : $"{outcome.Error} in {outcome.Section}")}");
            }

            return copy;
        }, _ => { });

        TestContext.Current.TestOutputHelper?.WriteLine($"{bundle.Length * 8} flips of a bundle of {bundle.Length} bytes.");
        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Open_EveryTruncation_IsRejected()
    {
        var bundle = await PackAsync();
        var accepted = new ConcurrentBag<int>();

        Parallel.For(0, bundle.Length, length =>
        {
            if (TryAccept(bundle.AsMemory(0, length), readAhead: true) is not { Error: BundleError.Truncated or BundleError.NotABundle, Section: BundleSection.File })
            {
                accepted.Add(length);
            }
        });

        Assert.Empty(accepted);
    }

    private async Task<byte[]> PackAsync()
    {
        var path = await _publisher.PackAsync(_folder);
        return await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
    }

    private BundleException? TryAccept(ReadOnlyMemory<byte> bundle, bool readAhead)
    {
        try
        {
            using var signed = SignedBundle.FromMemory(bundle);
            if (readAhead)
            {
                signed.Prefetch();
            }

            using var verified = signed.Verify(_publisher.Trust, _publisher.Verification);
            verified.VerifyParts();
            return null;
        }
        catch (BundleException e)
        {
            return e;
        }
    }

    private sealed class SectionMap
    {
        private readonly int _manifestEnd;
        private readonly BundleLayout _layout;
        private readonly IReadOnlyList<BundlePart> _parts;

        public SectionMap(byte[] bundle)
        {
            using var signed = SignedBundle.FromMemory(bundle);
            _manifestEnd = signed.SignedLength;
            _parts = signed.Manifest.Parts;
            var capacity = BitConverter.ToInt32(bundle, 16);
            _layout = new BundleLayout(_manifestEnd - BundleHeader.Size, capacity, [.. _parts.Select(p => p.Length)]);
        }

        public BundleSection Of(int position) =>
            position < BundleHeader.Size ? BundleSection.Header
            : position < _manifestEnd ? BundleSection.Manifest
            : position < _layout.LeafTableOffset ? BundleSection.Signature
            : position < _layout.LeafTableEnd ? BundleSection.LeafTable
            : _parts.Any(p => position >= p.Offset && position < p.Offset + p.Length) ? BundleSection.Part
            : BundleSection.Padding;

        // A flipped length in the header moves every section behind it, so the reader may first stumble there; a manifest
        // that is still a manifest is told from the signed one by the signature alone, which covers it with the header.
        public bool Allows(int position, BundleException outcome) => Of(position) switch
        {
            BundleSection.Header => outcome.Section is BundleSection.File or BundleSection.Header or BundleSection.Manifest or BundleSection.SignedContent,
            BundleSection.Manifest => outcome.Section is BundleSection.Manifest or BundleSection.SignedContent,
            var section => outcome.Section == section,
        };
    }
}
