using System.Runtime.InteropServices;
using System.Text;
using static Coffer.Onnx.OrtNative;

namespace Coffer.Onnx;

/// <summary>OrtValue of the C API, for tensors.</summary>
internal static unsafe class OrtTensor
{
    /// <summary>A tensor over memory that stays the caller's and must outlive it.</summary>
    public static nint Create(nint memoryInfo, void* data, nuint length, ReadOnlySpan<long> shape, OrtElementType type)
    {
        nint value;
        // An empty span may be a null pointer, which the API takes for a missing shape.
        long none = 0;
        fixed (long* given = shape)
        {
            Check(((delegate* unmanaged<nint, void*, nuint, long*, nuint, OrtElementType, nint*, nint>)Entry(49))(
                memoryInfo, data, length, given == null ? &none : given, (nuint)shape.Length, type, &value));
        }

        return value;
    }

    /// <summary>A tensor of empty strings.</summary>
    public static nint CreateStrings(nint allocator, ReadOnlySpan<long> shape) => Create(allocator, shape, OrtElementType.String);

    /// <summary>A tensor in an allocator's memory, freed with it; what numbers hold is unspecified.</summary>
    public static nint Create(nint allocator, ReadOnlySpan<long> shape, OrtElementType type)
    {
        nint value;
        long none = 0;
        fixed (long* given = shape)
        {
            Check(((delegate* unmanaged<nint, long*, nuint, OrtElementType, nint*, nint>)Entry(48))(
                allocator, given == null ? &none : given, (nuint)shape.Length, type, &value));
        }

        return value;
    }

    public static void Release(nint value) => ((delegate* unmanaged<nint, void>)Entry(96))(value);

    public static void* Data(nint value)
    {
        void* data;
        Check(((delegate* unmanaged<nint, void**, nint>)Entry(51))(value, &data));
        return data;
    }

    /// <summary>The tensor's own dimensions, valid as long as it.</summary>
    public static ReadOnlySpan<long> Shape(nint value)
    {
        long* dimensions;
        nuint rank;
        OrtElementType elementType;
        Check(((delegate* unmanaged<nint, OrtElementType*, long**, nuint*, nint>)Entry(414))(value, &elementType, &dimensions, &rank));
        return new ReadOnlySpan<long>(dimensions, (int)rank);
    }

    public static void Fill(nint value, ReadOnlySpan<string> strings)
    {
        for (var i = 0; i < strings.Length; i++)
        {
            var text = strings[i] ?? "";
            var length = Encoding.UTF8.GetByteCount(text);
            byte* buffer;
            // The element's own buffer: text with zero characters inside arrives whole.
            Check(((delegate* unmanaged<nint, nuint, nuint, byte**, nint>)Entry(252))(value, (nuint)i, (nuint)length, &buffer));
            Encoding.UTF8.GetBytes(text, new Span<byte>(buffer, length));
        }
    }

    public static string[] Strings(nint value, int count)
    {
        var strings = new string[count];
        for (var i = 0; i < count; i++)
        {
            nuint length;
            Check(((delegate* unmanaged<nint, nuint, nuint*, nint>)Entry(127))(value, (nuint)i, &length));
            var buffer = NativeMemory.Alloc(Math.Max(length, 1));
            try
            {
                Check(((delegate* unmanaged<nint, nuint, nuint, void*, nint>)Entry(128))(value, length, (nuint)i, buffer));
                strings[i] = Encoding.UTF8.GetString((byte*)buffer, checked((int)length));
            }
            finally
            {
                NativeMemory.Free(buffer);
            }
        }

        return strings;
    }
}
