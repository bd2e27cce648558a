using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Coffer.Packaging;

/// <summary>
/// Generates inputs, the same for the same seed: floats from -1 to 1, integers 0 or 1. In scalars, integers and booleans alternate from one
/// sample to the next, because they tend to be switches.
/// </summary>
internal sealed class ProofValues(GraphProofOptions options, int sample)
{
    // xorshift64* (Vigna, 2016): System.Random does not promise the same numbers in the next version of .NET.
    private ulong _state = (((ulong)(uint)options.Seed << 32) | (uint)sample) ^ 0x9E3779B97F4A7C15;

    /// <exception cref="PackagingException">Tensors of that type can't be made through ONNX Runtime (<see cref="PackagingError.NotRunnable"/>).</exception>
    public OrtValue Create(ProofInput input, IReadOnlyList<long> shape)
    {
        if (input.Type == TensorElementType.String)
        {
            return CreateStrings(shape);
        }

        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, input.Type, [.. shape]);
        try
        {
            Fill(input, value.GetTensorMutableRawData(), isScalar: shape.All(size => size == 1));
            return value;
        }
        catch
        {
            value.Dispose();
            throw;
        }
    }

    private OrtValue CreateStrings(IReadOnlyList<long> shape)
    {
        var value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, [.. shape]);
        var count = shape.Aggregate(1L, (product, size) => product * size);
        for (var i = 0; i < count; i++)
        {
            value.StringTensorSetElementAt(Bit() ? "b" : "a", i);
        }

        return value;
    }

    private void Fill(ProofInput input, Span<byte> bytes, bool isScalar)
    {
        long? given = options.Values.TryGetValue(input.Name, out var value) ? value : null;
        switch (input.Type)
        {
            case TensorElementType.Float:
                Fill(MemoryMarshal.Cast<byte, float>(bytes), () => (float)Real());
                break;
            case TensorElementType.Double:
                Fill(MemoryMarshal.Cast<byte, double>(bytes), Real);
                break;
            case TensorElementType.Float16:
                Fill(MemoryMarshal.Cast<byte, Half>(bytes), () => (Half)Real());
                break;
            case TensorElementType.BFloat16:
                Fill(MemoryMarshal.Cast<byte, Inference.BFloat16>(bytes), () => (Inference.BFloat16)(float)Real());
                break;
            case TensorElementType.Int64 or TensorElementType.UInt64:
                Fill(MemoryMarshal.Cast<byte, long>(bytes), () => given ?? Whole(isScalar));
                break;
            case TensorElementType.Int32 or TensorElementType.UInt32:
                Fill(MemoryMarshal.Cast<byte, int>(bytes), () => (int)(given ?? Whole(isScalar)));
                break;
            case TensorElementType.Int16 or TensorElementType.UInt16:
                Fill(MemoryMarshal.Cast<byte, short>(bytes), () => (short)(given ?? Whole(isScalar)));
                break;
            case TensorElementType.Int8 or TensorElementType.UInt8:
                Fill(bytes, () => (byte)(given ?? Whole(isScalar)));
                break;
            case TensorElementType.Bool:
                Fill(bytes, () => (byte)Whole(isScalar));
                break;
            default:
                throw new PackagingException(
                    PackagingError.NotRunnable,
                    $"The input {OnnxNames.Quote(input.Name)} is a tensor of {input.Type}, which ONNX Runtime's .NET API can't make. Pack without proof.");
        }
    }

    private static void Fill<T>(Span<T> values, Func<T> next)
    {
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = next();
        }
    }

    private double Real() => (Next() >> 11) * (2.0 / (1UL << 53)) - 1;

    private int Whole(bool isScalar) => isScalar ? sample & 1 : Bit() ? 1 : 0;

    private bool Bit() => (Next() >> 63) != 0;

    private ulong Next()
    {
        _state ^= _state >> 12;
        _state ^= _state << 25;
        _state ^= _state >> 27;
        return _state * 0x2545F4914F6CDD1D;
    }
}
