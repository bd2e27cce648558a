using System.Buffers;

namespace Coffer.Vision;

/// <summary>Pixels in pooled memory, rows without gaps: 1 byte a pixel (gray) or 4 (red, green, blue and one that is ignored).</summary>
internal sealed class PixelBuffer : IDisposable
{
    private byte[]? _bytes;

    public PixelBuffer(int width, int height, int channels)
    {
        Width = width;
        Height = height;
        Channels = channels;
        _bytes = ArrayPool<byte>.Shared.Rent(checked(width * height * channels));
    }

    public int Width { get; }

    public int Height { get; }

    public int Channels { get; }

    public Span<byte> Bytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(_bytes is null, this);
            return _bytes.AsSpan(0, Width * Height * Channels);
        }
    }

    public void Dispose()
    {
        if (_bytes is not null)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = null;
        }
    }
}
