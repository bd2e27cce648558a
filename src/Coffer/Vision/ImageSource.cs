using System.Buffers;
using Coffer.Inference;

namespace Coffer.Vision;

/// <summary>Where the bytes of an <see cref="ImageInput"/> come from.</summary>
internal abstract class ImageSource
{
    public abstract ImageData Open(ImageLimits limits);

    internal sealed class OfPixels(ReadOnlyMemory<byte> pixels, int width, int height, PixelFormat format, int stride) : ImageSource
    {
        public override ImageData Open(ImageLimits limits) => new(pixels, new RawPixels(width, height, format, stride), null);
    }

    internal sealed class OfBytes(ReadOnlyMemory<byte> encoded) : ImageSource
    {
        public override ImageData Open(ImageLimits limits)
        {
            Check(encoded.Length, limits);
            return new ImageData(encoded, null, null);
        }
    }

    internal sealed class OfFile(string path) : ImageSource
    {
        public override ImageData Open(ImageLimits limits)
        {
            try
            {
                using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
                return Read(file, limits);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
            {
                throw Unreadable(e);
            }
        }

        private static ImageData Read(Microsoft.Win32.SafeHandles.SafeFileHandle file, ImageLimits limits)
        {
            var length = RandomAccess.GetLength(file);
            Check(length, limits);
            var buffer = ArrayPool<byte>.Shared.Rent((int)length);
            var read = 0;
            try
            {
                while (read < length && RandomAccess.Read(file, buffer.AsSpan(read, (int)length - read), read) is > 0 and var more)
                {
                    read += more;
                }
            }
            catch
            {
                ArrayPool<byte>.Shared.Return(buffer);
                throw;
            }

            return new ImageData(buffer.AsMemory(0, read), null, buffer);
        }
    }

    internal sealed class OfStream(Stream stream) : ImageSource
    {
        private readonly Lock _lock = new();
        private byte[]? _bytes;

        public override ImageData Open(ImageLimits limits)
        {
            lock (_lock)
            {
                _bytes ??= Read(limits);
                Check(_bytes.Length, limits);
                return new ImageData(_bytes, null, null);
            }
        }

        private byte[] Read(ImageLimits limits)
        {
            try
            {
                using var content = new MemoryStream();
                var buffer = new byte[64 << 10];
                while (stream.Read(buffer) is > 0 and var read)
                {
                    // A stream's length is unknown, so the limit holds while it is read, not after.
                    CheckUpper(content.Length + read, limits);
                    content.Write(buffer, 0, read);
                }

                return content.ToArray();
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException or UnauthorizedAccessException)
            {
                throw Unreadable(e);
            }
        }
    }

    private static void Check(long length, ImageLimits limits)
    {
        if (length == 0)
        {
            throw new InputException(InputError.Empty, "The picture has no bytes. Give a JPEG, PNG, WebP or BMP picture.");
        }

        CheckUpper(length, limits);
    }

    private static void CheckUpper(long length, ImageLimits limits)
    {
        if (length > limits.MaxEncodedBytes)
        {
            throw new InputException(
                InputError.TooLarge,
                $"The picture's file is larger than the limit of {limits.MaxEncodedBytes} bytes. Give a smaller one, or raise ImageLimits.MaxEncodedBytes.");
        }
    }

    private static InputException Unreadable(Exception cause) =>
        new(InputError.Unreadable, "The picture's file or stream can't be read. Check that it exists, is open and may be read.", cause);
}
