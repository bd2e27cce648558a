using System.Buffers.Binary;

namespace Coffer.Packaging;

/// <summary>
/// A tensor's elements in the layout of <c>raw_data</c>, wherever the file keeps them: row-major, little-endian, elements of
/// less than a byte packed from the least significant bits (onnx.proto, TensorProto).
/// </summary>
internal static class TensorBytes
{
    /// <summary>Whether the elements have a raw layout: not strings, and no type that is newer than this SDK.</summary>
    public static bool HasLayout(TensorProto tensor) => BitsPerElement(tensor) > 0;

    /// <summary>The length of the raw layout in bytes, from type and shape alone.</summary>
    /// <exception cref="PackagingException">The shape is impossible, or the type has no raw layout (<see cref="PackagingError.InvalidModel"/>).</exception>
    public static long LengthOf(TensorProto tensor)
    {
        var bits = BitsPerElement(tensor);
        if (bits == 0)
        {
            throw Invalid(tensor, $"has data type {tensor.DataType}, whose elements have no raw layout that this SDK knows");
        }

        var count = CountOf(tensor);
        return bits >= 8 ? Multiply(tensor, count, bits / 8) : count / (8 / bits) + (count % (8 / bits) == 0 ? 0 : 1);
    }

    /// <summary>The raw layout of a tensor whose elements are inline.</summary>
    /// <exception cref="PackagingException">The elements are not as many as the shape says (<see cref="PackagingError.InvalidModel"/>).</exception>
    public static ReadOnlyMemory<byte> Read(TensorProto tensor)
    {
        var length = LengthOf(tensor);
        if (tensor.RawData.Length > 0)
        {
            return tensor.RawData.Length == length
                ? tensor.RawData.Memory
                : throw Invalid(tensor, $"has {tensor.RawData.Length} bytes of data where its shape needs {length}");
        }

        return (OnnxDataType)tensor.DataType switch
        {
            OnnxDataType.Float32 or OnnxDataType.Complex64 =>
                Convert(tensor, tensor.FloatData, 4, BinaryPrimitives.WriteSingleLittleEndian),
            OnnxDataType.Float64 or OnnxDataType.Complex128 =>
                Convert(tensor, tensor.DoubleData, 8, BinaryPrimitives.WriteDoubleLittleEndian),
            OnnxDataType.Int64 =>
                Convert(tensor, tensor.Int64Data, 8, BinaryPrimitives.WriteInt64LittleEndian),
            OnnxDataType.UInt64 =>
                Convert(tensor, tensor.Uint64Data, 8, BinaryPrimitives.WriteUInt64LittleEndian),
            OnnxDataType.UInt32 =>
                Convert(tensor, tensor.Uint64Data, 4, static (span, value) => BinaryPrimitives.WriteUInt32LittleEndian(span, (uint)value)),
            OnnxDataType.Int32 =>
                Convert(tensor, tensor.Int32Data, 4, BinaryPrimitives.WriteInt32LittleEndian),
            OnnxDataType.Int16 or OnnxDataType.UInt16 or OnnxDataType.Float16 or OnnxDataType.BFloat16 =>
                Convert(tensor, tensor.Int32Data, 2, static (span, value) => BinaryPrimitives.WriteInt16LittleEndian(span, (short)value)),
            // Elements of 4 and 2 bits come packed already, a byte an entry.
            _ => Convert(tensor, tensor.Int32Data, 1, static (span, value) => span[0] = (byte)value),
        };
    }

    private delegate void WriteElement<T>(Span<byte> destination, T value);

    private static ReadOnlyMemory<byte> Convert<T>(TensorProto tensor, IReadOnlyList<T> entries, int size, WriteElement<T> write)
    {
        var length = LengthOf(tensor);
        if (Multiply(tensor, entries.Count, size) != length)
        {
            throw Invalid(tensor, $"has {entries.Count} values where its shape needs {length / size}");
        }

        if (length > Array.MaxLength)
        {
            throw new PackagingException(PackagingError.TooLarge, $"The tensor {OnnxNames.Quote(tensor.Name)} has {length} bytes. Export the model with external data.");
        }

        var bytes = GC.AllocateUninitializedArray<byte>((int)length);
        for (var i = 0; i < entries.Count; i++)
        {
            write(bytes.AsSpan(i * size, size), entries[i]);
        }

        return bytes;
    }

    private static long CountOf(TensorProto tensor)
    {
        var count = 1L;
        foreach (var dimension in tensor.Dims)
        {
            count = dimension >= 0 ? Multiply(tensor, count, dimension) : throw Invalid(tensor, $"has a dimension of {dimension}");
        }

        return count;
    }

    private static long Multiply(TensorProto tensor, long left, long right)
    {
        var product = Math.BigMul(left, right, out var low);
        return product == 0 && low >= 0 ? low : throw Invalid(tensor, $"has the impossible shape [{string.Join(", ", tensor.Dims)}]");
    }

    private static int BitsPerElement(TensorProto tensor) => (OnnxDataType)tensor.DataType switch
    {
        OnnxDataType.Complex128 => 128,
        OnnxDataType.Float64 or OnnxDataType.Int64 or OnnxDataType.UInt64 or OnnxDataType.Complex64 => 64,
        OnnxDataType.Float32 or OnnxDataType.Int32 or OnnxDataType.UInt32 => 32,
        OnnxDataType.Float16 or OnnxDataType.BFloat16 or OnnxDataType.Int16 or OnnxDataType.UInt16 => 16,
        OnnxDataType.Int8 or OnnxDataType.UInt8 or OnnxDataType.Bool
            or OnnxDataType.Float8E4M3FN or OnnxDataType.Float8E4M3FNUZ or OnnxDataType.Float8E5M2 or OnnxDataType.Float8E5M2FNUZ or OnnxDataType.Float8E8M0 => 8,
        OnnxDataType.Int4 or OnnxDataType.UInt4 or OnnxDataType.Float4E2M1 => 4,
        OnnxDataType.Int2 or OnnxDataType.UInt2 => 2,
        _ => 0,
    };

    private static PackagingException Invalid(TensorProto tensor, string what) =>
        new(PackagingError.InvalidModel, $"The tensor {OnnxNames.Quote(tensor.Name)} {what}. Export the model again; onnx.checker names such faults.");
}
