using System.Buffers;

namespace Coffer.Vision;

/// <summary>
/// For each pixel of a resized line: which source pixels it is made of, and how much of each, in fixed point. Pooled memory.
/// </summary>
internal readonly ref struct ResampleWeights
{
    /// <summary>
    /// Fraction bits of a weight. 8 bits are the pixel's, and 2 are for sums outside 0..255, which filters with negative lobes make.
    /// </summary>
    public const int FractionBits = 32 - 8 - 2;

    private readonly int[] _rented;
    private readonly int _lineCount;
    private readonly int _taps;

    private ResampleWeights(int[] rented, int lineCount, int taps)
    {
        _rented = rented;
        _lineCount = lineCount;
        _taps = taps;
    }

    /// <summary>First source pixel of a resized one.</summary>
    public int Start(int index) => _rented[index];

    /// <summary>The weights of a resized pixel's source pixels, from <see cref="Start"/> on.</summary>
    public ReadOnlySpan<int> Weights(int index) => _rented.AsSpan((2 * _lineCount) + (index * _taps), _rented[_lineCount + index]);

    /// <summary>Computes the weights of <paramref name="count"/> resized pixels from <paramref name="first"/> on.</summary>
    /// <param name="source">Pixels of the source line.</param>
    /// <param name="target">Pixels of the whole resized line.</param>
    /// <param name="first">The first resized pixel that is wanted.</param>
    /// <param name="count">How many are wanted.</param>
    /// <param name="filter">Any but <see cref="ResampleFilter.Nearest"/>.</param>
    public static ResampleWeights Compute(int source, int target, int first, int count, ResampleFilter filter)
    {
        var scale = (double)source / target;

        // Antialiasing: when the line shrinks, the filter is stretched to cover every source pixel.
        var stretch = Math.Max(scale, 1);
        var support = filter.Support() * stretch;
        var taps = ((int)Math.Ceiling(support) * 2) + 1;
        var rented = ArrayPool<int>.Shared.Rent(checked((2 * count) + (count * taps)));
        var exact = ArrayPool<double>.Shared.Rent(taps);
        for (var i = 0; i < count; i++)
        {
            var center = (first + i + 0.5) * scale;
            var start = Math.Max(0, (int)(center - support + 0.5));
            var length = Math.Min(source, (int)(center + support + 0.5)) - start;
            rented[i] = start;
            rented[count + i] = length;
            Normalise(exact.AsSpan(0, length), start, center, 1 / stretch, filter, rented.AsSpan((2 * count) + (i * taps), length));
        }

        ArrayPool<double>.Shared.Return(exact);
        return new ResampleWeights(rented, count, taps);
    }

    public void Dispose() => ArrayPool<int>.Shared.Return(_rented);

    private static void Normalise(Span<double> exact, int start, double center, double step, ResampleFilter filter, Span<int> weights)
    {
        var sum = 0.0;
        for (var i = 0; i < exact.Length; i++)
        {
            exact[i] = filter.Weight((i + start - center + 0.5) * step);
            sum += exact[i];
        }

        for (var i = 0; i < exact.Length; i++)
        {
            var weight = (sum == 0 ? exact[i] : exact[i] / sum) * (1 << FractionBits);
            weights[i] = (int)(weight + (weight < 0 ? -0.5 : 0.5));
        }
    }
}
