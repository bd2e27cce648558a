using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Coffer.Vision;

/// <summary>
/// Writes prepared pixels as a model's input: one plane a channel or interleaved; float32, float16 or uint8. Each number is
/// the reference's, bit for bit: the pixel times the factor in double precision, rounded to single, then the offset, mean and
/// deviation in single precision (transformers, <c>image_transforms.py</c>).
/// </summary>
internal sealed class PixelTensor
{
    private readonly ChannelArithmetic[] _channels;

    // Per channel and element type, the number of each of the 256 pixels.
    private readonly float[][] _floats;
    private readonly Half[][] _halves;
    private readonly byte[][] _bytes;

    public PixelTensor(ImagePreprocessorSettings settings)
    {
        _channels = [.. Enumerable.Range(0, settings.Channels).Select(channel => new ChannelArithmetic(settings, channel))];
        _floats = [.. _channels.Select(channel => channel.Table())];
        _halves = [.. _floats.Select(table => Array.ConvertAll(table, number => (Half)number))];
        _bytes = [.. _channels.Select(_ => Enumerable.Range(0, 256).Select(pixel => (byte)pixel).ToArray())];
    }

    /// <summary>Writes one picture.</summary>
    /// <typeparam name="T"><see cref="float"/>, <see cref="Half"/> or <see cref="byte"/>.</typeparam>
    /// <param name="pixels">The picture.</param>
    /// <param name="tensor">Its part of the input: channels times height times width elements.</param>
    /// <param name="interleaved">Whether the channels of a pixel lie side by side (NHWC) or apart (NCHW).</param>
    public void Write<T>(PixelBuffer pixels, Span<T> tensor, bool interleaved)
        where T : unmanaged
    {
        var area = pixels.Width * pixels.Height;
        var tables = typeof(T) == typeof(float) ? (T[][])(object)_floats : typeof(T) == typeof(Half) ? (T[][])(object)_halves : (T[][])(object)_bytes;
        for (var channel = 0; channel < _channels.Length; channel++)
        {
            var source = _channels[channel].Source;
            if (interleaved || typeof(T) != typeof(float))
            {
                var (start, step) = interleaved ? (channel, _channels.Length) : (channel * area, 1);
                Look(pixels.Bytes, source, pixels.Channels, tables[channel], tensor[start..], step);
            }
            else
            {
                Compute(pixels, channel, MemoryMarshal.Cast<T, float>(tensor.Slice(channel * area, area)));
            }
        }
    }

    /// <summary>Eight pixels at a time, in registers.</summary>
    private void Compute(PixelBuffer pixels, int channel, Span<float> plane)
    {
        var arithmetic = _channels[channel];
        var i = 0;
        if (Vector256.IsHardwareAccelerated && pixels.Channels == 4)
        {
            var colours = MemoryMarshal.Cast<byte, uint>(pixels.Bytes);
            ref var source = ref MemoryMarshal.GetReference(colours);
            ref var target = ref MemoryMarshal.GetReference(plane);
            for (; i <= Math.Min(colours.Length, plane.Length) - Vector256<uint>.Count; i += Vector256<uint>.Count)
            {
                var values = (Vector256.LoadUnsafe(ref source, (nuint)i) >> (8 * arithmetic.Source)) & Vector256.Create(0xFFu);
                arithmetic.Apply(Vector256.ConvertToSingle(values.AsInt32())).StoreUnsafe(ref target, (nuint)i);
            }
        }

        Look(pixels.Bytes, (i * pixels.Channels) + arithmetic.Source, pixels.Channels, _floats[channel], plane[i..], 1);
    }

    private static void Look<T>(ReadOnlySpan<byte> bytes, int start, int stride, T[] table, Span<T> target, int step)
    {
        for (var (from, to) = (start, 0); from < bytes.Length && to < target.Length; from += stride, to += step)
        {
            target[to] = table[bytes[from]];
        }
    }
}
