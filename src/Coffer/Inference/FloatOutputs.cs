using System.Numerics.Tensors;

namespace Coffer.Inference;

/// <summary>Reads outputs of float32 or float16 as float32.</summary>
internal static class FloatOutputs
{
    public static bool IsFloat(this TensorDescription output) => output.ElementType is ElementType.Float32 or ElementType.Float16;

    /// <summary>Copies so many elements of an output, from one on.</summary>
    public static void CopyOutput(this IModelCall call, TensorDescription output, int start, Span<float> values)
    {
        if (output.ElementType == ElementType.Float32)
        {
            call.Output<float>(output.Name).Slice(start, values.Length).CopyTo(values);
            return;
        }

        var halves = call.Output<Half>(output.Name).Slice(start, values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)halves[i];
        }
    }

    /// <exception cref="InferenceException">A value is not a number (<see cref="InferenceError.RunFailed"/>).</exception>
    public static void RequireNumbers(ReadOnlySpan<float> values, string what)
    {
        if (TensorPrimitives.IsNaNAny(values))
        {
            throw new InferenceException(InferenceError.RunFailed, $"The model gave a {what} that is not a number. Check the model with this input outside of the bundle.");
        }
    }
}
