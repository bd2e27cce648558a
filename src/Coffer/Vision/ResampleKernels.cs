using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Coffer.Vision;

/// <summary>
/// The sums of the resampler, in 32-bit integers: every path gives the same bits, because integer sums don't depend on
/// their order.
/// </summary>
internal static class ResampleKernels
{
    private const int Half = 1 << (ResampleWeights.FractionBits - 1);

    /// <summary>Resizes one row.</summary>
    public static void Row(ReadOnlySpan<byte> row, int channels, ResampleWeights weights, Span<byte> destination)
    {
        Debug.Assert(channels is 1 or 4, "pixels are gray or of four channels");
        if (channels == 1)
        {
            for (var x = 0; x < destination.Length; x++)
            {
                var taps = weights.Weights(x);
                destination[x] = Clip(Gray(row.Slice(weights.Start(x), taps.Length), taps));
            }

            return;
        }

        for (var x = 0; x < destination.Length / 4; x++)
        {
            var taps = weights.Weights(x);
            Colour(row.Slice(weights.Start(x) * 4, taps.Length * 4), taps, destination.Slice(x * 4, 4));
        }
    }

    /// <summary>Makes one row as the weighted sum of as many rows as there are weights.</summary>
    public static void Column(ReadOnlySpan<byte> rows, int stride, ReadOnlySpan<int> taps, Span<byte> destination)
    {
        // One check for all loads below: the last row has as many bytes as the destination.
        _ = rows.Slice((taps.Length - 1) * stride, destination.Length);
        ref var source = ref MemoryMarshal.GetReference(rows);
        var x = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            for (; x <= destination.Length - 16; x += 16)
            {
                var low = Vector256.Create(Half);
                var high = Vector256.Create(Half);
                for (var y = 0; y < taps.Length; y++)
                {
                    var pixels = Vector128.LoadUnsafe(ref source, (nuint)((y * stride) + x));
                    low += Widen(pixels) * taps[y];
                    high += Widen(Vector128.CreateScalarUnsafe(pixels.AsUInt64().GetElement(1)).AsByte()) * taps[y];
                }

                Clip(low).StoreLowerTo(destination[x..]);
                Clip(high).StoreLowerTo(destination[(x + 8)..]);
            }
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            for (; x <= destination.Length - 4; x += 4)
            {
                var sum = Vector128.Create(Half);
                for (var y = 0; y < taps.Length; y++)
                {
                    sum += LoadFour(ref source, (y * stride) + x) * taps[y];
                }

                StoreFour(sum, destination[x..]);
            }
        }

        for (; x < destination.Length; x++)
        {
            var sum = Half;
            for (var y = 0; y < taps.Length; y++)
            {
                sum += rows[(y * stride) + x] * taps[y];
            }

            destination[x] = Clip(sum);
        }
    }

    private static int Gray(ReadOnlySpan<byte> pixels, ReadOnlySpan<int> taps)
    {
        var sum = Half;
        var x = 0;
        if (Vector256.IsHardwareAccelerated && taps.Length >= 8)
        {
            var sums = Vector256<int>.Zero;
            for (; x <= taps.Length - 8; x += 8)
            {
                sums += Widen(LoadEight(ref MemoryMarshal.GetReference(pixels), x)) * Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(taps), (nuint)x);
            }

            sum += Vector256.Sum(sums);
        }

        for (; x < taps.Length; x++)
        {
            sum += pixels[x] * taps[x];
        }

        return sum;
    }

    private static void Colour(ReadOnlySpan<byte> pixels, ReadOnlySpan<int> taps, Span<byte> destination)
    {
        ref var source = ref MemoryMarshal.GetReference(pixels);
        ref var tap = ref Unsafe.As<int, byte>(ref MemoryMarshal.GetReference(taps));
        var sum = Vector128.Create(Half);
        var x = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            var pair = Vector256<int>.Zero;
            for (; x <= taps.Length - 2; x += 2)
            {
                var both = Vector256.Create(Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref tap, x * sizeof(int)))).AsInt32();
                pair += Widen(LoadEight(ref source, x * 4)) * Vector256.Shuffle(both, Vector256.Create(0, 0, 0, 0, 1, 1, 1, 1));
            }

            sum += pair.GetLower() + pair.GetUpper();
        }

        for (; x < taps.Length; x++)
        {
            sum += LoadFour(ref source, x * 4) * taps[x];
        }

        StoreFour(sum, destination);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> LoadEight(ref byte source, int offset) =>
        Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref source, offset))).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> LoadFour(ref byte source, int offset)
    {
        var bytes = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref source, offset))).AsByte();
        return Vector128.WidenLower(Vector128.WidenLower(bytes)).AsInt32();
    }

    /// <summary>The lower eight bytes as integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Widen(Vector128<byte> bytes)
    {
        if (Avx2.IsSupported)
        {
            return Avx2.ConvertToVector256Int32(bytes);
        }

        var words = Vector128.WidenLower(bytes);
        return Vector256.Create(Vector128.WidenLower(words), Vector128.WidenUpper(words)).AsInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Clip(Vector256<int> sums)
    {
        var pixels = Vector256.Clamp(sums >> ResampleWeights.FractionBits, Vector256<int>.Zero, Vector256.Create(255));
        var words = Vector128.Narrow(pixels.GetLower(), pixels.GetUpper()).AsUInt16();
        return Vector128.Narrow(words, words);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreLowerTo(this Vector128<byte> bytes, Span<byte> destination) =>
        MemoryMarshal.Write(destination, bytes.AsUInt64().ToScalar());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreFour(Vector128<int> sums, Span<byte> destination)
    {
        var pixels = Vector128.Clamp(sums >> ResampleWeights.FractionBits, Vector128<int>.Zero, Vector128.Create(255));
        var words = Vector128.Narrow(pixels, pixels).AsUInt16();
        MemoryMarshal.Write(destination, Vector128.Narrow(words, words).AsUInt32().ToScalar());
    }

    private static byte Clip(int sum) => (byte)Math.Clamp(sum >> ResampleWeights.FractionBits, 0, 255);
}
