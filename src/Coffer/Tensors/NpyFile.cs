using System.Buffers.Binary;
using System.Text;
using Coffer.Inference;

namespace Coffer.Tensors;

/// <summary>
/// Reads and writes tensors as NumPy's .npy files: bool, signed and unsigned integers, float16, float32, float64, Unicode
/// strings, and bfloat16 as the two-byte void type that ml_dtypes saves. Nothing is evaluated or unpickled.
/// </summary>
public static class NpyFile
{
    /// <summary>Reads a file, of format version 1, 2 or 3, either byte order, C or Fortran order.</summary>
    /// <param name="path">The file's path.</param>
    /// <exception cref="InputException">The file can't be read, is too large, not a .npy file of numbers or strings, or damaged.</exception>
    public static Tensor Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using var file = File.OpenRead(path);
            return Read(file, long.MaxValue);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(InputError.Unreadable, $"'{path}' can't be read: {e.Message}", e);
        }
    }

    /// <summary>Reads a tensor from a stream's position to its end.</summary>
    /// <param name="stream">Seekable, so that its length is known before anything is allocated.</param>
    /// <param name="maxBytes">The most bytes that its elements may take: set it where the stream isn't the user's own.</param>
    /// <exception cref="InputException">It is too large, not a .npy file of numbers or strings, or damaged.</exception>
    public static Tensor Read(Stream stream, long maxBytes)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanSeek)
        {
            throw new ArgumentException("The stream must be seekable.", nameof(stream));
        }

        var header = ReadHeader(stream);
        var type = NpyType.Parse(header.Descr);
        var count = TensorChecks.Count(header.Shape);
        var remaining = stream.Length - stream.Position;
        // By division: the product may exceed 64 bits.
        if (type.Size == 0 ? remaining != 0 : remaining % type.Size != 0 || remaining / type.Size != count)
        {
            throw new InputException(
                InputError.Corrupt,
                $"The .npy file says that it holds {count} elements of {type.Size} bytes, but {remaining} bytes follow its header. It was cut off or has something behind it; save it again.");
        }

        if (remaining > maxBytes || count > Array.MaxLength)
        {
            throw new InputException(InputError.TooLarge, $"The .npy file holds {count} elements in {remaining} bytes; the limit is {maxBytes} bytes and {Array.MaxLength} elements.");
        }

        return type.Read(stream, header, (int)count);
    }

    /// <summary>Writes a file as numpy.save does: version 1, C order, little-endian.</summary>
    /// <param name="path">The file's path; a file that is there is replaced.</param>
    /// <param name="tensor">The tensor.</param>
    /// <exception cref="IOException">The file can't be written.</exception>
    public static void Write(string path, Tensor tensor)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(tensor);
        using var file = File.Create(path);
        Write(file, tensor);
    }

    /// <summary>Writes a tensor to a stream as numpy.save does: version 1, C order, little-endian.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="tensor">The tensor.</param>
    public static void Write(Stream stream, Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(tensor);
        var type = NpyType.Of(tensor);
        var header = new NpyHeader(type.Descr, FortranOrder: false, tensor.Shape.ToArray()).ToString();

        // Padded with spaces and closed by a newline, so that the elements start at a multiple of 64.
        var length = (Prefix + header.Length + 1 + 63) / 64 * 64;
        var bytes = new byte[length];
        Magic.CopyTo(bytes);
        bytes[6] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), checked((ushort)(length - Prefix)));
        bytes.AsSpan(Prefix).Fill((byte)' ');
        Encoding.ASCII.GetBytes(header, bytes.AsSpan(Prefix));
        bytes[^1] = (byte)'\n';
        stream.Write(bytes);
        type.Write(stream, tensor);
    }

    private static NpyHeader ReadHeader(Stream stream)
    {
        Span<byte> start = stackalloc byte[12];
        if (stream.Length == stream.Position)
        {
            throw new InputException(InputError.Empty, "The .npy file is empty.");
        }

        ReadExactly(stream, start[..8]);
        if (!start[..6].SequenceEqual(Magic))
        {
            throw new InputException(InputError.UnknownFormat, "This is not a .npy file. Save an array with numpy.save; an .npz archive must be unpacked first.");
        }

        // Version 1 has a 16-bit length; 2 a 32-bit length; 3 is 2 with UTF-8 instead of Latin-1.
        var version = start[6];
        if (version is < 1 or > 3 || start[7] != 0)
        {
            throw new InputException(InputError.UnknownFormat, $"The .npy file is of version {version}.{start[7]}; versions 1.0 to 3.0 can be read.");
        }

        var lengthBytes = start[8..(version == 1 ? 10 : 12)];
        ReadExactly(stream, lengthBytes);
        var length = version == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(lengthBytes) : BinaryPrimitives.ReadUInt32LittleEndian(lengthBytes);
        if (length > NpyHeader.MaxLength)
        {
            throw new InputException(InputError.Corrupt, $"The .npy header is {length} bytes long; at most {NpyHeader.MaxLength} are read.");
        }

        var text = new byte[length];
        ReadExactly(stream, text);
        return NpyHeader.Parse((version == 3 ? Encoding.UTF8 : Encoding.Latin1).GetString(text));
    }

    private static void ReadExactly(Stream stream, Span<byte> buffer)
    {
        if (stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) < buffer.Length)
        {
            throw new InputException(InputError.Corrupt, "The .npy file ends in its header. Save it again.");
        }
    }

    private const int Prefix = 10;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];
}
