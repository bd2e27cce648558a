namespace Coffer.Inference;

/// <summary>What every runner checks before a tensor is written or read, with the same words.</summary>
internal static class TensorChecks
{
    public static void RequireType<T>(string graph, string kind, TensorDescription tensor)
    {
        if (ElementTypes.Of<T>() != tensor.ElementType || tensor.ElementType == ElementType.Unsupported)
        {
            throw WrongType(graph, kind, tensor, typeof(T).Name);
        }
    }

    public static void RequireSameType(string graph, TensorDescription output, TensorDescription input)
    {
        if (output.ElementType != input.ElementType)
        {
            throw new InferenceException(
                InferenceError.WrongElementType,
                $"Output '{output}' of graph '{graph}' can't be carried to input '{input}': the element types differ.");
        }
    }

    /// <summary>The number of elements of an input of that shape.</summary>
    public static int RequireShape(string graph, TensorDescription tensor, ReadOnlySpan<long> shape)
    {
        if (!Fits(tensor, shape))
        {
            throw new InferenceException(
                InferenceError.WrongShape,
                $"Input '{tensor.Name}' of graph '{graph}' is {tensor.Shape}, but [{string.Join(", ", shape.ToArray())}] was given.");
        }

        var count = Count(shape);
        if (count > Array.MaxLength)
        {
            throw new InferenceException(
                InferenceError.WrongShape,
                $"Input '{tensor.Name}' of graph '{graph}' was given [{string.Join(", ", shape.ToArray())}], which has more than {Array.MaxLength} elements.");
        }

        return (int)count;
    }

    /// <summary>The product of non-negative dimensions; <see cref="long.MaxValue"/> if it is larger than that.</summary>
    public static long Count(ReadOnlySpan<long> shape)
    {
        if (shape.Contains(0))
        {
            return 0;
        }

        var count = 1L;
        foreach (var size in shape)
        {
            if (count > long.MaxValue / size)
            {
                return long.MaxValue;
            }

            count *= size;
        }

        return count;
    }

    private static bool Fits(TensorDescription tensor, ReadOnlySpan<long> shape)
    {
        if (tensor.AnyRank)
        {
            return !shape.ContainsAnyInRange(long.MinValue, -1);
        }

        var fits = shape.Length == tensor.Dimensions.Count;
        for (var i = 0; fits && i < shape.Length; i++)
        {
            fits = tensor.Dimensions[i].Allows(shape[i]);
        }

        return fits;
    }

    private static InferenceException WrongType(string graph, string kind, TensorDescription tensor, string given) => new(
        InferenceError.WrongElementType,
        tensor.ElementType == ElementType.Unsupported
            ? $"{kind} '{tensor.Name}' of graph '{graph}' has an element type that Coffer gives no access to."
            : $"{kind} '{tensor.Name}' of graph '{graph}' has elements of type {tensor.ElementType}, but {given} was asked for.");
}
