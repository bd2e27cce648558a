using System.Globalization;

namespace Coffer.Packaging;

/// <summary>The shapes that a proof tries, in the order that <see cref="GraphProofOptions"/> documents.</summary>
internal static class ProofShapes
{
    // 256 MiB of float32 an input: many free dimensions at once multiply to what no model takes.
    private const long MaxElements = 1 << 26;

    private static readonly long[] Sizes = [32, 64, 128, 224, 256, 288, 320, 512, 576, 640, 16, 8, 4, 2, 1];

    public static IEnumerable<IReadOnlyDictionary<string, IReadOnlyList<long>>> Candidates(IReadOnlyList<ProofInput> inputs, GraphProofOptions options)
    {
        RefuseUnfit(inputs, options);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var hasPast = inputs.SelectMany(input => input.Dimensions).Any(dimension => IsPast(dimension.Symbol));
        IEnumerable<ProofSizes> sizes =
        [
            .. Sizes.Select(size => new ProofSizes(size, size, hasPast ? size : 0)),
            .. Sizes.Select(size => new ProofSizes(size, 1, hasPast ? size : 0)),
            .. hasPast ? Sizes.Select(size => new ProofSizes(size, size, 0)) : [],
        ];
        foreach (var size in sizes)
        {
            var shapes = inputs.ToDictionary(input => input.Name, input => Shape(input, size, options), StringComparer.Ordinal);
            if (shapes.Values.All(shape => Fits(shape)) && seen.Add(string.Join(';', shapes.Values.Select(shape => string.Join(',', shape)))))
            {
                yield return shapes;
            }
        }
    }

    private static void RefuseUnfit(IReadOnlyList<ProofInput> inputs, GraphProofOptions options)
    {
        foreach (var (name, shape) in options.Shapes)
        {
            var input = inputs.FirstOrDefault(input => input.Name == name);
            if (input is null || input.Dimensions.Count != shape.Count || !input.Dimensions.Zip(shape, (dimension, size) => dimension.Allows(size)).All(allowed => allowed))
            {
                throw new PackagingException(
                    PackagingError.NotRunnable,
                    $"The shape [{string.Join(", ", shape)}] given for {OnnxNames.Quote(name)} fits no input. The inputs are {string.Join(", ", inputs)}.");
            }
        }
    }

    private static IReadOnlyList<long> Shape(ProofInput input, ProofSizes sizes, GraphProofOptions options) =>
        options.Shapes.TryGetValue(input.Name, out var given) ? given
        : [.. input.Dimensions.Select((dimension, axis) => dimension.Size ?? Free(dimension.Symbol, axis, input.Dimensions.Count, sizes, options))];

    private static long Free(string symbol, int axis, int rank, ProofSizes sizes, GraphProofOptions options) =>
        symbol.Length > 0 ? Named(symbol, sizes, options)
        : axis == rank - 1 ? sizes.Last
        : axis == 0 ? 1
        : sizes.Inner;

    // Exporters write sums of other dimensions: past_sequence_length + 1.
    private static long Named(string symbol, ProofSizes sizes, GraphProofOptions options) =>
        options.Dimensions.TryGetValue(symbol, out var given) ? given
        : symbol.Contains('+', StringComparison.Ordinal) ? symbol.Split('+', StringSplitOptions.TrimEntries).Sum(term => Term(term, sizes, options))
        : Term(symbol, sizes, options);

    private static long Term(string symbol, ProofSizes sizes, GraphProofOptions options) =>
        options.Dimensions.TryGetValue(symbol, out var given) ? given
        : long.TryParse(symbol, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : symbol.Contains("batch", StringComparison.OrdinalIgnoreCase) ? 1
        : IsPast(symbol) ? sizes.Past
        : symbol.StartsWith("total", StringComparison.OrdinalIgnoreCase) ? sizes.Last + sizes.Past
        : sizes.Last;

    private static bool IsPast(string symbol) => symbol.StartsWith("past", StringComparison.OrdinalIgnoreCase);

    private static bool Fits(IReadOnlyList<long> shape)
    {
        var elements = 1L;
        foreach (var size in shape)
        {
            if (size > 0 && elements > MaxElements / size)
            {
                return false;
            }

            elements *= size;
        }

        return true;
    }

    /// <param name="Last">Named free dimensions, and the unnamed last one of an input.</param>
    /// <param name="Inner">Unnamed free dimensions between the first and the last.</param>
    /// <param name="Past">Dimensions named after a past.</param>
    private readonly record struct ProofSizes(long Last, long Inner, long Past);
}
