using System.Globalization;
using Coffer.Inference;

namespace Coffer.Packaging;

/// <summary>The shapes that a proof tries, in the order that <see cref="GraphProofOptions"/> documents.</summary>
internal static class ProofShapes
{
    // 256 MiB of float32 an input: many free dimensions at once multiply to what no model takes.
    private const long MaxElements = 1 << 26;

    private static readonly long[] Sizes = [1, 2, 4, 8, 16, 32, 64, 128, 224, 256, 288, 320, 512, 576, 640];

    public static IEnumerable<IReadOnlyDictionary<string, IReadOnlyList<long>>> Candidates(IReadOnlyList<ProofInput> inputs, GraphProofOptions options)
    {
        RefuseUnfit(inputs, options);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var hasPast = inputs.SelectMany(input => input.Dimensions).Any(dimension => IsPast(dimension.Symbol));
        foreach (var (size, past) in Sizes.Select(size => (size, size)).Concat(hasPast ? Sizes.Select(size => (size, 0L)) : []))
        {
            var shapes = inputs.ToDictionary(input => input.Name, input => Shape(input, size, past, options), StringComparer.Ordinal);
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

    private static IReadOnlyList<long> Shape(ProofInput input, long size, long past, GraphProofOptions options) =>
        options.Shapes.TryGetValue(input.Name, out var given)
            ? given
            : [.. input.Dimensions.Select((dimension, axis) => dimension.Size ?? Free(dimension.Symbol, IsBatch(dimension, axis, input.Dimensions.Count) ? 1 : size, past, options))];

    // Exporters write sums of other dimensions: past_sequence_length + 1.
    private static long Free(string symbol, long size, long past, GraphProofOptions options) =>
        options.Dimensions.TryGetValue(symbol, out var given) ? given
        : symbol.Contains('+', StringComparison.Ordinal) ? symbol.Split('+', StringSplitOptions.TrimEntries).Sum(term => Term(term, size, past, options))
        : Term(symbol, size, past, options);

    private static long Term(string symbol, long size, long past, GraphProofOptions options) =>
        options.Dimensions.TryGetValue(symbol, out var given) ? given
        : long.TryParse(symbol, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : IsPast(symbol) ? past
        : size;

    private static bool IsBatch(Dimension dimension, int axis, int rank) =>
        dimension.Symbol.Length > 0 ? dimension.Symbol.Contains("batch", StringComparison.OrdinalIgnoreCase) : axis == 0 && rank > 1;

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
}
