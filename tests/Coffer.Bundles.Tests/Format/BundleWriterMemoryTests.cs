using Coffer.Bundles;

namespace Coffer.Tests.Format;

/// <summary>Counts what the whole process allocates, so nothing may run beside it.</summary>
[Collection(nameof(Alone))]
public sealed class BundleWriterMemoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TestPublisher _publisher = new();

    public void Dispose()
    {
        _publisher.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task WriteAsync_LargePart_PacksInTheMemoryOfAFewLeaves()
    {
        const long Length = 96L << 20;
        var part = new PartSource("graphs/model/weights", PartGroup.Weights, Length, () => new ZeroStream(Length));
        await _publisher.PackAsync(_folder);
        var before = GC.GetTotalAllocatedBytes(precise: true);

        await _publisher.PackAsync(_folder, [part]);

        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 8L * 2 * Environment.ProcessorCount << 20);
    }

    private sealed class ZeroStream(long length) : Stream
    {
        private long _left = length;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = (int)Math.Min(_left, count);
            buffer.AsSpan(offset, read).Clear();
            _left -= read;
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
