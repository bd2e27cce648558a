using System.Buffers;

namespace Coffer.Remote;

/// <summary>A body in one pooled buffer that grows up to a limit. Used by one exchange at a time.</summary>
internal sealed class PooledBody(Uri endpoint, long? limit = null) : IBufferWriter<byte>, IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(4096);
    private int _length;
    private bool _lent;

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    public void Advance(int count)
    {
        // Before it counts: a JSON writer that is disposed after this tries again.
        if ((long)_length + count > limit)
        {
            throw RemoteFailures.PayloadTooLarge(endpoint, limit.Value);
        }

        _length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Grow(Math.Max(sizeHint, 1));
        return _buffer.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Takes a stream's rest.</summary>
    public async ValueTask ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        int read;
        do
        {
            read = await stream.ReadAsync(GetMemory(), cancellationToken).ConfigureAwait(false);
            Advance(read);
        }
        while (read > 0);
    }

    /// <summary>A request reads it from here on, even after it was given up: then it goes to nobody else.</summary>
    public void Lend() => _lent = true;

    /// <summary>The request is over.</summary>
    public void Settle() => _lent = false;

    public void Dispose()
    {
        var buffer = _buffer;
        _buffer = [];
        if (buffer.Length > 0 && !_lent)
        {
            // An input or a result was in it.
            buffer.AsSpan(0, _length).Clear();
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Grow(int size)
    {
        if (_buffer.Length - _length >= size)
        {
            return;
        }

        var wanted = Math.Max((long)_length + size, Math.Min(2L * _buffer.Length, Array.MaxLength));
        if (wanted > Array.MaxLength)
        {
            throw RemoteFailures.PayloadTooLarge(endpoint, Array.MaxLength);
        }

        var larger = ArrayPool<byte>.Shared.Rent((int)wanted);
        _buffer.AsSpan(0, _length).CopyTo(larger);
        _buffer.AsSpan(0, _length).Clear();
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
