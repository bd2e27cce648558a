using Coffer.Bundles;

namespace Coffer.Tests.Format;

public sealed class BundleWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TestPublisher _publisher = new();

    public void Dispose()
    {
        _publisher.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task WriteAsync_SameInputTwice_SharesNoCiphertext()
    {
        var first = await File.ReadAllBytesAsync(await _publisher.PackAsync(_folder), TestContext.Current.CancellationToken);
        var second = await File.ReadAllBytesAsync(await _publisher.PackAsync(_folder), TestContext.Current.CancellationToken);

        using var bundle = SignedBundle.FromMemory(first);
        var part = bundle.Manifest.Parts[^1];
        Assert.NotEqual(first.AsSpan((int)part.Offset, (int)part.Length).ToArray(), second.AsSpan((int)part.Offset, (int)part.Length).ToArray());
    }

    [Fact]
    public async Task WriteAsync_Confidential_IsNotInTheFile()
    {
        var secret = "a very particular plaintext"u8.ToArray();
        var path = await _publisher.PackAsync(_folder, [PartSource.FromBytes("settings.json", PartGroup.Settings, secret)]);

        Assert.Equal(-1, File.ReadAllBytes(path).AsSpan().IndexOf(secret.AsSpan(0, 8)));
    }

    [Fact]
    public async Task WriteAsync_PartsAreAligned_AndPaddingIsZero()
    {
        var bytes = await File.ReadAllBytesAsync(await _publisher.PackAsync(_folder), TestContext.Current.CancellationToken);

        using var bundle = SignedBundle.FromMemory(bytes);

        Assert.All(bundle.Manifest.Parts, part => Assert.Equal(0, part.Offset % 4096));
        Assert.Equal(bytes.Length, bundle.Manifest.Parts[^1].Offset + bundle.Manifest.Parts[^1].Length);
    }

    [Theory]
    [InlineData(99)]
    [InlineData(101)]
    public async Task WriteAsync_SourceOfAnotherLength_ThrowsAndLeavesNothing(int said)
    {
        var part = new PartSource("settings.json", PartGroup.Settings, said, () => new MemoryStream(new byte[100]));

        await Assert.ThrowsAsync<ArgumentException>(() => _publisher.PackAsync(_folder, [part]));

        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task WriteAsync_Fails_KeepsThePreviousFile()
    {
        var path = await _publisher.PackAsync(_folder);
        var before = File.ReadAllBytes(path);

        await Assert.ThrowsAsync<IOException>(() => _publisher.PackAsync(_folder, [new PartSource("settings.json", PartGroup.Settings, 1, () => throw new IOException("gone"))]));

        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Single(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task WriteAsync_Cancelled_LeavesNothing()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => BundleWriter.WriteAsync(
            _folder.File("x.coffer"), _publisher.Draft, TestPublisher.SmallParts, _publisher.Keys, new BundleSigner(_publisher.SignerKey, _publisher.Certificate), _publisher.Clock, null, cancelled.Token));

        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("a b")]
    [InlineData("")]
    public async Task WriteAsync_PartNameNotAllowed_Throws(string name) =>
        await Assert.ThrowsAsync<ArgumentException>(() => _publisher.PackAsync(_folder, [PartSource.FromBytes(name, PartGroup.Settings, new byte[1])]));

    [Theory]
    [InlineData(-1)]
    [InlineData(1L << 53)]
    public async Task WriteAsync_SequenceNotAllowed_ThrowsAndLeavesNothing(long sequence)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => _publisher.PackAsync(_folder, draft: _publisher.Draft with { Sequence = sequence }));

        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task WriteAsync_ModelNameNotAllowed_Throws() =>
        await Assert.ThrowsAsync<ArgumentException>(() => _publisher.PackAsync(_folder, draft: _publisher.Draft with { Name = "Digits!" }));
}
