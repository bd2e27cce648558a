using Microsoft.Win32.SafeHandles;

namespace Coffer.Packaging;

/// <summary>Reads segments as one stream. Keeps one file open at a time.</summary>
internal sealed class WeightsStream(IReadOnlyList<WeightsSegment> segments) : Stream
{
    private int _index;
    private long _position;
    private SafeFileHandle? _file;
    private string? _path;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    public override int Read(Span<byte> buffer)
    {
        if (Next(buffer.Length) is not var (segment, count))
        {
            return 0;
        }

        buffer = buffer[..count];
        switch (segment)
        {
            case WeightsSegment.InMemory memory:
                memory.Bytes.Span.Slice((int)_position, count).CopyTo(buffer);
                break;
            case WeightsSegment.InFile file:
                count = Checked(file, RandomAccess.Read(Open(file), buffer, file.Range.Offset + _position));
                break;
            default:
                buffer.Clear();
                break;
        }

        _position += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Next(buffer.Length) is not (WeightsSegment.InFile file, var count))
        {
            return Read(buffer.Span);
        }

        count = Checked(file, await RandomAccess.ReadAsync(Open(file), buffer[..count], file.Range.Offset + _position, cancellationToken).ConfigureAwait(false));
        _position += count;
        return count;
    }

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
            _file?.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>The segment that is read next, and how many of its bytes; null at the end or for an empty buffer.</summary>
    private (WeightsSegment Segment, int Count)? Next(int room)
    {
        while (_index < segments.Count && _position == segments[_index].Length)
        {
            _index++;
            _position = 0;
        }

        return room == 0 || _index == segments.Count ? null : (segments[_index], (int)Math.Min(room, segments[_index].Length - _position));
    }

    private SafeFileHandle Open(WeightsSegment.InFile segment)
    {
        if (_file is not null && _path == segment.Range.Path)
        {
            return _file;
        }

        _file?.Dispose();
        _path = segment.Range.Path;
        try
        {
            return _file = File.OpenHandle(_path, options: FileOptions.SequentialScan | FileOptions.Asynchronous);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PackagingException(PackagingError.Unreadable, $"'{_path}' can't be read: {e.Message}", e);
        }
    }

    private static int Checked(WeightsSegment.InFile segment, int count) => count > 0
        ? count
        : throw new PackagingException(PackagingError.Unreadable, $"'{segment.Range.Path}' became shorter while it was packed. Pack again when nothing writes to the model's folder.");
}
