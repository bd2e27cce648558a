using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Coffer.Inference;

namespace Coffer.Tensors;

/// <summary>Elements of one type with a shape, row-major. Immutable.</summary>
public sealed class Tensor
{
    private readonly Storage _storage;
    private readonly long[] _shape;

    private Tensor(Storage storage, ReadOnlySpan<long> shape)
    {
        _storage = storage;
        _shape = shape.ToArray();
    }

    /// <summary>The type of the elements.</summary>
    public ElementType ElementType => _storage.ElementType;

    /// <summary>The dimensions, outermost first; empty for a scalar.</summary>
    public ReadOnlySpan<long> Shape => _shape;

    /// <summary>The number of elements: the product of the dimensions, 1 for a scalar.</summary>
    public int Length => _storage.Length;

    /// <summary>A tensor over memory that is not copied: don't change it afterwards.</summary>
    /// <typeparam name="T">A type that <see cref="Inference.ElementType"/> names.</typeparam>
    /// <param name="elements">The elements, row-major: the last dimension varies fastest.</param>
    /// <param name="shape">The dimensions, outermost first; none for a scalar.</param>
    /// <exception cref="ArgumentException">No tensor holds elements of that type, or their number isn't the product of the shape.</exception>
    public static Tensor Create<T>(ReadOnlyMemory<T> elements, params ReadOnlySpan<long> shape)
    {
        if (ElementTypes.Of<T>() == ElementType.Unsupported)
        {
            throw new ArgumentException($"No tensor holds elements of type {typeof(T).Name}. {nameof(Inference.ElementType)} lists those that one can hold.", nameof(elements));
        }

        if (shape.ContainsAnyInRange(long.MinValue, -1) || TensorChecks.Count(shape) != elements.Length)
        {
            throw new ArgumentException($"{elements.Length} elements don't fill the shape [{string.Join(", ", shape.ToArray())}].", nameof(shape));
        }

        return new Tensor(new Storage<T>(elements), shape);
    }

    /// <inheritdoc cref="Create{T}(ReadOnlyMemory{T}, ReadOnlySpan{long})"/>
    public static Tensor Create<T>(T[] elements, params ReadOnlySpan<long> shape)
    {
        ArgumentNullException.ThrowIfNull(elements);
        return Create(new ReadOnlyMemory<T>(elements), shape);
    }

    /// <summary>A tensor without dimensions.</summary>
    /// <typeparam name="T">A type that <see cref="Inference.ElementType"/> names.</typeparam>
    /// <param name="element">Its only element.</param>
    /// <exception cref="ArgumentException">No tensor holds elements of that type.</exception>
    public static Tensor Scalar<T>(T element) => Create(new[] { element });

    /// <summary>The elements, row-major.</summary>
    /// <typeparam name="T">The C# type of <see cref="ElementType"/>.</typeparam>
    /// <exception cref="InvalidOperationException">The elements are of another type.</exception>
    public ReadOnlySpan<T> AsSpan<T>() => _storage is Storage<T> storage
        ? storage.Elements.Span
        : throw new InvalidOperationException($"The tensor holds {ElementType} elements, but {typeof(T).Name} was asked for.");

    /// <summary>For people: <c>float32 [1, 3, 224, 224]</c>.</summary>
    public override string ToString() => $"{ElementType.ToString().ToLowerInvariant()} [{string.Join(", ", _shape)}]";

    /// <summary>The elements' bytes in this machine's order; none for strings.</summary>
    internal ReadOnlySpan<byte> AsBytes() => _storage.AsBytes();

    /// <summary>Writes the elements to an input of a call.</summary>
    internal void WriteTo(IModelCall call, string input) => _storage.WriteTo(call, input, _shape);

    /// <summary>Copies an output out of a call.</summary>
    internal static Tensor ReadFrom(IModelCall call, TensorDescription output) => output.ElementType switch
    {
        ElementType.Float32 => ReadFrom<float>(call, output.Name),
        ElementType.Float64 => ReadFrom<double>(call, output.Name),
        ElementType.Float16 => ReadFrom<Half>(call, output.Name),
        ElementType.BFloat16 => ReadFrom<BFloat16>(call, output.Name),
        ElementType.Int8 => ReadFrom<sbyte>(call, output.Name),
        ElementType.Int16 => ReadFrom<short>(call, output.Name),
        ElementType.Int32 => ReadFrom<int>(call, output.Name),
        ElementType.Int64 => ReadFrom<long>(call, output.Name),
        ElementType.UInt8 => ReadFrom<byte>(call, output.Name),
        ElementType.UInt16 => ReadFrom<ushort>(call, output.Name),
        ElementType.UInt32 => ReadFrom<uint>(call, output.Name),
        ElementType.UInt64 => ReadFrom<ulong>(call, output.Name),
        ElementType.Bool => ReadFrom<bool>(call, output.Name),
        ElementType.String => ReadFrom<string>(call, output.Name),
        _ => throw new InferenceException(
            InferenceError.NotCapable,
            $"Output '{output.Name}' is not a tensor of a type that Coffer gives access to. Name the outputs that you need in {nameof(TensorPredictorOptions)}.{nameof(TensorPredictorOptions.Outputs)}."),
    };

    private static Tensor ReadFrom<T>(IModelCall call, string output) => Create(call.Output<T>(output).ToArray(), call.OutputShape(output));

    private abstract class Storage
    {
        public abstract ElementType ElementType { get; }

        public abstract int Length { get; }

        public abstract ReadOnlySpan<byte> AsBytes();

        public abstract void WriteTo(IModelCall call, string input, ReadOnlySpan<long> shape);
    }

    private sealed class Storage<T>(ReadOnlyMemory<T> elements) : Storage
    {
        public ReadOnlyMemory<T> Elements { get; } = elements;

        public override ElementType ElementType => ElementTypes.Of<T>();

        public override int Length => Elements.Length;

        public override ReadOnlySpan<byte> AsBytes()
        {
            if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
            {
                return [];
            }

            ref var first = ref Unsafe.As<T, byte>(ref MemoryMarshal.GetReference(Elements.Span));
            return MemoryMarshal.CreateReadOnlySpan(ref first, checked(Elements.Length * Unsafe.SizeOf<T>()));
        }

        public override void WriteTo(IModelCall call, string input, ReadOnlySpan<long> shape) => Elements.Span.CopyTo(call.Input<T>(input, shape));
    }
}
