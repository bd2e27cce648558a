using System.Buffers;

namespace Coffer.Vision;

/// <summary>The bytes behind an <see cref="ImageInput"/>, opened for one prediction.</summary>
/// <param name="Bytes">Encoded, unless <paramref name="Raw"/> says otherwise.</param>
/// <param name="Raw">How the bytes are pixels; null when they are an encoded picture.</param>
/// <param name="Rented">What goes back to the pool on disposal.</param>
internal readonly record struct ImageData(ReadOnlyMemory<byte> Bytes, RawPixels? Raw, byte[]? Rented) : IDisposable
{
    public void Dispose()
    {
        if (Rented is not null)
        {
            ArrayPool<byte>.Shared.Return(Rented);
        }
    }
}

/// <summary>How bytes are pixels.</summary>
internal readonly record struct RawPixels(int Width, int Height, PixelFormat Format, int Stride);
