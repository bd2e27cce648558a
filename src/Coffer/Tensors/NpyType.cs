using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Coffer.Inference;

namespace Coffer.Tensors;

/// <summary>numpy's description of an element (<c>&lt;f4</c>): byte order, kind and bytes.</summary>
internal sealed record NpyType(string Descr, ElementType ElementType, int Size, bool BigEndian)
{
    /// <summary>UTF-32: four bytes for each code point, whatever the string.</summary>
    private const int BytesOfCodePoint = 4;

    public static NpyType Parse(string descr)
    {
        var order = descr.Length > 0 ? descr[0] : '\0';
        var kind = descr.Length > 1 ? descr[1..] : "";
        var type = kind switch
        {
            "b1" => ElementType.Bool,
            "i1" => ElementType.Int8,
            "i2" => ElementType.Int16,
            "i4" => ElementType.Int32,
            "i8" => ElementType.Int64,
            "u1" => ElementType.UInt8,
            "u2" => ElementType.UInt16,
            "u4" => ElementType.UInt32,
            "u8" => ElementType.UInt64,
            "f2" => ElementType.Float16,
            "f4" => ElementType.Float32,
            "f8" => ElementType.Float64,
            "V2" => ElementType.BFloat16,
            ['U', ..] => ElementType.String,
            _ => ElementType.Unsupported,
        };

        // '|' says that order means nothing: single bytes, and numpy's void types.
        var size = type == ElementType.String ? StringSize(kind) : ElementTypes.SizeOf(type);
        var orderFits = order switch
        {
            '<' or '>' => type is not (ElementType.Bool or ElementType.Int8 or ElementType.UInt8),
            '|' => type is ElementType.Bool or ElementType.Int8 or ElementType.UInt8 or ElementType.BFloat16,
            _ => false,
        };
        return orderFits && type != ElementType.Unsupported && size >= 0
            ? new NpyType(descr, type, size, order == '>')
            : throw new InputException(InputError.UnknownFormat, $"The .npy file holds elements of type '{descr}', which no tensor has. Convert the array first, for example with .astype(numpy.float32), strings with .astype(str).");
    }

    public static NpyType Of(Tensor tensor) => tensor.ElementType switch
    {
        ElementType.Bool => Parse("|b1"),
        ElementType.Int8 => Parse("|i1"),
        ElementType.Int16 => Parse("<i2"),
        ElementType.Int32 => Parse("<i4"),
        ElementType.Int64 => Parse("<i8"),
        ElementType.UInt8 => Parse("|u1"),
        ElementType.UInt16 => Parse("<u2"),
        ElementType.UInt32 => Parse("<u4"),
        ElementType.UInt64 => Parse("<u8"),
        ElementType.Float16 => Parse("<f2"),
        ElementType.Float32 => Parse("<f4"),
        ElementType.Float64 => Parse("<f8"),
        ElementType.BFloat16 => Parse("<V2"),
        _ => Parse(string.Create(CultureInfo.InvariantCulture, $"<U{Math.Max(1, LongestString(tensor))}")),
    };

    public Tensor Read(Stream stream, NpyHeader header, int count) => ElementType switch
    {
        ElementType.Bool => Read<bool>(stream, header, count),
        ElementType.Int8 => Read<sbyte>(stream, header, count),
        ElementType.Int16 => Read<short>(stream, header, count),
        ElementType.Int32 => Read<int>(stream, header, count),
        ElementType.Int64 => Read<long>(stream, header, count),
        ElementType.UInt8 => Read<byte>(stream, header, count),
        ElementType.UInt16 => Read<ushort>(stream, header, count),
        ElementType.UInt32 => Read<uint>(stream, header, count),
        ElementType.UInt64 => Read<ulong>(stream, header, count),
        ElementType.Float16 => Read<Half>(stream, header, count),
        ElementType.Float32 => Read<float>(stream, header, count),
        ElementType.Float64 => Read<double>(stream, header, count),
        ElementType.BFloat16 => Read<BFloat16>(stream, header, count),
        _ => Tensor.Create(InCOrder(ReadStrings(stream, count), header), header.Shape),
    };

    public void Write(Stream stream, Tensor tensor)
    {
        if (ElementType == ElementType.String)
        {
            WriteStrings(stream, tensor);
            return;
        }

        if (BitConverter.IsLittleEndian || Size == 1)
        {
            stream.Write(tensor.AsBytes());
            return;
        }

        var bytes = tensor.AsBytes().ToArray();
        ReverseEndianness(bytes, Size);
        stream.Write(bytes);
    }

    private Tensor Read<T>(Stream stream, NpyHeader header, int count)
        where T : unmanaged
    {
        var elements = GC.AllocateUninitializedArray<T>(count);
        // A span of bytes reaches 2 GiB only.
        var step = (1 << 30) / Unsafe.SizeOf<T>();
        for (var start = 0; start < count; start += step)
        {
            var bytes = MemoryMarshal.AsBytes(elements.AsSpan(start, Math.Min(step, count - start)));
            ReadExactly(stream, bytes);
            if (BigEndian == BitConverter.IsLittleEndian)
            {
                ReverseEndianness(bytes, Size);
            }

            // Any other byte would be a bool that is neither true nor false to .NET.
            if (typeof(T) == typeof(bool) && bytes.ContainsAnyExceptInRange((byte)0, (byte)1))
            {
                throw new InputException(InputError.Corrupt, "The .npy file holds truth values that are neither 0 nor 1. Save it again.");
            }
        }

        return Tensor.Create(InCOrder(elements, header), header.Shape);
    }

    private string[] ReadStrings(Stream stream, int count)
    {
        var encoding = new UTF32Encoding(BigEndian, byteOrderMark: false, throwOnInvalidCharacters: true);
        var strings = new string[count];
        var buffer = new byte[Size];
        for (var i = 0; i < count; i++)
        {
            ReadExactly(stream, buffer);
            var length = (buffer.AsSpan().LastIndexOfAnyExcept((byte)0) + BytesOfCodePoint) / BytesOfCodePoint * BytesOfCodePoint;
            try
            {
                strings[i] = encoding.GetString(buffer, 0, length);
            }
            catch (DecoderFallbackException e)
            {
                throw new InputException(InputError.Corrupt, $"String {i} of the .npy file has a code point that Unicode doesn't have. Save it again.", e);
            }
        }

        return strings;
    }

    private void WriteStrings(Stream stream, Tensor tensor)
    {
        var buffer = new byte[Size];
        foreach (var text in tensor.AsSpan<string>())
        {
            Array.Clear(buffer);
            Encoding.UTF32.GetBytes(text, buffer);
            stream.Write(buffer);
        }
    }

    /// <summary>Fortran order stores the first dimension fastest; tensors the last.</summary>
    private static T[] InCOrder<T>(T[] elements, NpyHeader header)
    {
        var shape = header.Shape;
        if (!header.FortranOrder || shape.Length < 2 || elements.Length == 0)
        {
            return elements;
        }

        var ordered = new T[elements.Length];
        var index = new long[shape.Length];
        var strides = new long[shape.Length];
        var stride = 1L;
        for (var axis = 0; axis < shape.Length; axis++)
        {
            strides[axis] = stride;
            stride *= shape[axis];
        }

        var source = 0L;
        for (var target = 0; target < ordered.Length; target++)
        {
            ordered[target] = elements[source];
            for (var axis = shape.Length - 1; axis >= 0; axis--)
            {
                source += strides[axis];
                if (++index[axis] < shape[axis])
                {
                    break;
                }

                source -= strides[axis] * shape[axis];
                index[axis] = 0;
            }
        }

        return ordered;
    }

    private static void ReverseEndianness(Span<byte> bytes, int size)
    {
        switch (size)
        {
            case 2:
                var shorts = MemoryMarshal.Cast<byte, ushort>(bytes);
                BinaryPrimitives.ReverseEndianness(shorts, shorts);
                break;
            case 4:
                var ints = MemoryMarshal.Cast<byte, uint>(bytes);
                BinaryPrimitives.ReverseEndianness(ints, ints);
                break;
            case 8:
                var longs = MemoryMarshal.Cast<byte, ulong>(bytes);
                BinaryPrimitives.ReverseEndianness(longs, longs);
                break;
        }
    }

    private static void ReadExactly(Stream stream, Span<byte> buffer)
    {
        // The length was checked; it can only have become less since.
        if (stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) < buffer.Length)
        {
            throw new InputException(InputError.Corrupt, "The .npy file became shorter while it was read.");
        }
    }

    private static int LongestString(Tensor tensor)
    {
        var longest = 0;
        foreach (var text in tensor.AsSpan<string>())
        {
            longest = Math.Max(longest, Encoding.UTF32.GetByteCount(text) / BytesOfCodePoint);
        }

        return longest;
    }

    /// <summary>Bytes of a string of <c>U12</c>, or -1. Not 0: then a few bytes of header could ask for any number of strings.</summary>
    private static int StringSize(string kind) =>
        int.TryParse(kind.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var codePoints) && codePoints > 0 && codePoints <= Array.MaxLength / BytesOfCodePoint
            ? codePoints * BytesOfCodePoint
            : -1;
}
