using System.Globalization;
using Coffer.Inference;
using Coffer.Tensors;

namespace Coffer.Gpu.Table;

/// <summary>One model at one batch: the processor's time, the GPU's, and how far their numbers are apart.</summary>
internal static class BatchTable
{
    // As in the tests: a GPU adds in another order.
    private const float Tolerance = 1e-3f;

    private static readonly Rounds Rounds = new(WarmUp: 3, Measured: 15);

    public static int[] Batches { get; } = [1, 8, 64];

    /// <summary>Prints the table.</summary>
    /// <returns>Whether both gave the same numbers.</returns>
    public static bool Print(string model, TensorPredictor processor, TensorPredictor gpu, int batch)
    {
        var inputs = processor.Describe().Inputs.ToDictionary(input => input.Name, input => Draw(input, batch), StringComparer.Ordinal);
        var difference = Difference(processor.Predict(inputs).Value, gpu.Predict(inputs).Value);
        var rows = new Comparison(
        [
            new Contender(processor.Describe().ExecutionProvider, () => processor.Predict(inputs)),
            new Contender(gpu.Describe().ExecutionProvider, () => gpu.Predict(inputs)),
        ]).Run(Rounds);
        MarkdownTable.Print($"{model}, batch {batch}", rows);
        Console.WriteLine();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{string.Join(", ", rows.Select(row => $"{row.Name} {batch * 1e9 / row.Nanoseconds.Median:F1} inputs a second"))}; greatest difference {difference:E1}, allowed {Tolerance:E1}."));
        return difference <= Tolerance;
    }

    private static Tensor Draw(TensorDescription input, int batch)
    {
        if (input.ElementType != ElementType.Float32)
        {
            throw new NotSupportedException($"The table is for models of float inputs, and {input} is none.");
        }

        // The outermost free dimension is the batch; others are for models that this table does not know how to feed.
        var shape = input.Dimensions.Select((dimension, axis) => dimension.Size ?? (axis == 0 ? batch : throw new NotSupportedException($"Axis {axis} of {input} is free: export the model with that size fixed."))).ToArray();
        var random = new Random(7);
        var values = new float[shape.Aggregate(1L, (product, size) => product * size)];
        foreach (ref var value in values.AsSpan())
        {
            value = random.NextSingle() - 0.5f;
        }

        return Tensor.Create(values, shape);
    }

    // Relative to the greatest number of an output, at least to 1.
    private static float Difference(IReadOnlyDictionary<string, Tensor> expected, IReadOnlyDictionary<string, Tensor> actual) => expected.Max(output =>
    {
        var expectedValues = output.Value.AsSpan<float>();
        var actualValues = actual[output.Key].AsSpan<float>();
        var (distance, greatest) = (0f, 1f);
        for (var i = 0; i < expectedValues.Length; i++)
        {
            distance = Math.Max(distance, Math.Abs(expectedValues[i] - actualValues[i]));
            greatest = Math.Max(greatest, Math.Abs(expectedValues[i]));
        }

        return float.IsFinite(distance) ? distance / greatest : float.PositiveInfinity;
    });
}
