using System.Buffers.Binary;
using System.Net;

namespace Coffer.Remote;

/// <summary>
/// A reply's body that fails once it is longer than the limit; gRPC's as soon as it says that it will be, before its reader allocates.
/// </summary>
internal sealed class LimitedContent : HttpContent
{
    private readonly HttpContent _content;
    private readonly RemoteEndpointOptions _options;
    private readonly bool _isGrpc;

    public LimitedContent(HttpContent content, RemoteEndpointOptions options, bool isGrpc)
    {
        _isGrpc = isGrpc;
        _content = content;
        _options = options;
        foreach (var (name, values) in content.Headers.NonValidated)
        {
            Headers.TryAddWithoutValidation(name, values);
        }
    }

    protected override async Task<Stream> CreateContentReadStreamAsync() => new LimitedStream(await _content.ReadAsStreamAsync().ConfigureAwait(false), _options, _isGrpc);

    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) =>
        new LimitedStream(await _content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), _options, _isGrpc);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        var body = await CreateContentReadStreamAsync().ConfigureAwait(false);
        await body.CopyToAsync(stream).ConfigureAwait(false);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _content.Dispose();
        }

        base.Dispose(disposing);
    }

    private sealed class LimitedStream(Stream stream, RemoteEndpointOptions options, bool isGrpc) : Stream
    {
        /// <summary>A flag, and the length of the message, 32 bits, big-endian.</summary>
        private readonly byte[] _prefix = new byte[5];
        private long _read;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            return Count(buffer.Span[..read]);
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => Count(buffer.AsSpan(offset, stream.Read(buffer, offset, count)));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                stream.Dispose();
            }

            base.Dispose(disposing);
        }

        private int Count(ReadOnlySpan<byte> bytes)
        {
            var isTooLarge = _read + bytes.Length > options.MaxReply + (isGrpc ? _prefix.Length : 0);
            if (isGrpc && _read < _prefix.Length)
            {
                bytes[..Math.Min(bytes.Length, _prefix.Length - (int)_read)].CopyTo(_prefix.AsSpan((int)_read));
                isTooLarge |= _read + bytes.Length >= _prefix.Length && BinaryPrimitives.ReadUInt32BigEndian(_prefix.AsSpan(1)) > options.MaxReply;
            }

            _read += bytes.Length;
            return isTooLarge ? throw RemoteFailures.ReplyTooLarge(options.Endpoint, options.MaxReply) : bytes.Length;
        }
    }
}
