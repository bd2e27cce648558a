using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Coffer.Inference;

/// <summary>One input or output of a call that may share a run: its own memory, which only grows.</summary>
internal abstract class BatchTensor
{
    private readonly string _graph;
    private readonly string _kind;
    private long[] _shape = [];

    private BatchTensor(string graph, string kind, TensorDescription description, bool isBatched)
    {
        _graph = graph;
        _kind = kind;
        Description = description;
        IsBatched = isBatched;
    }

    public TensorDescription Description { get; }

    /// <summary>Whether its first dimension is the batch; others must be equal in calls that share a run.</summary>
    public bool IsBatched { get; }

    /// <summary>Whether there is something in it: an input was written, an output was made by a run.</summary>
    public bool IsFilled { get; private set; }

    public ReadOnlySpan<long> Shape => _shape;

    /// <summary>What a runner would be sent for it.</summary>
    public abstract long ByteLength { get; }

    protected int Count { get; private set; }

    /// <param name="graph">The graph's name, for messages.</param>
    /// <param name="kind"><c>Input</c> or <c>Output</c>, for messages.</param>
    /// <param name="description">What the graph says of it.</param>
    /// <param name="isBatched">Whether its first dimension is the batch.</param>
    public static BatchTensor Create(string graph, string kind, TensorDescription description, bool isBatched) => description.ElementType switch
    {
        ElementType.Float32 => new Of<float>(graph, kind, description, isBatched),
        ElementType.Float64 => new Of<double>(graph, kind, description, isBatched),
        ElementType.Float16 => new Of<Half>(graph, kind, description, isBatched),
        ElementType.BFloat16 => new Of<BFloat16>(graph, kind, description, isBatched),
        ElementType.Int8 => new Of<sbyte>(graph, kind, description, isBatched),
        ElementType.Int16 => new Of<short>(graph, kind, description, isBatched),
        ElementType.Int32 => new Of<int>(graph, kind, description, isBatched),
        ElementType.Int64 => new Of<long>(graph, kind, description, isBatched),
        ElementType.UInt8 => new Of<byte>(graph, kind, description, isBatched),
        ElementType.UInt16 => new Of<ushort>(graph, kind, description, isBatched),
        ElementType.UInt32 => new Of<uint>(graph, kind, description, isBatched),
        ElementType.UInt64 => new Of<ulong>(graph, kind, description, isBatched),
        ElementType.Bool => new Of<bool>(graph, kind, description, isBatched),
        ElementType.String => new Of<string>(graph, kind, description, isBatched),
        _ => throw new ArgumentException($"No tensor holds elements of type {description.ElementType}.", nameof(description)),
    };

    public Span<T> Write<T>(scoped ReadOnlySpan<long> shape)
    {
        TensorChecks.RequireType<T>(_graph, _kind, Description);
        if (!IsFilled || !shape.SequenceEqual(_shape))
        {
            var count = TensorChecks.RequireShape(_graph, Description, shape);
            IsFilled = false;
            Reshape(shape, count);
        }

        IsFilled = true;
        return ((Of<T>)this).Elements;
    }

    public ReadOnlySpan<T> Read<T>()
    {
        TensorChecks.RequireType<T>(_graph, _kind, Description);
        return ((Of<T>)this).Elements;
    }

    /// <summary>Whether both can be in one run: batched, with equal rows; otherwise with equal content.</summary>
    public bool Joins(BatchTensor other) => IsBatched
        ? Shape[1..].SequenceEqual(other.Shape[1..])
        : Shape.SequenceEqual(other.Shape) && HasContentOf(other);

    /// <summary>Writes the members' tensors at this place below each other into an input of a call.</summary>
    public abstract void Gather(IModelCall call, IReadOnlyList<BatchMember> members, int index, long rows);

    /// <summary>Gives each member its rows of an output of a call.</summary>
    /// <returns>Whether the output has the batch's rows, so that it could be taken apart.</returns>
    public abstract bool Scatter(IModelCall call, IReadOnlyList<BatchMember> members, int index, long rows);

    public abstract void CopyFrom(BatchTensor other);

    /// <summary>Nothing of one renter's is the next one's.</summary>
    public virtual void Forget() => IsFilled = false;

    protected abstract bool HasContentOf(BatchTensor other);

    protected abstract void Reserve(int count);

    private void Reshape(scoped ReadOnlySpan<long> shape, int count)
    {
        if (_shape.Length != shape.Length)
        {
            _shape = new long[shape.Length];
        }

        shape.CopyTo(_shape);
        Count = count;
        Reserve(count);
    }

    private sealed class Of<T>(string graph, string kind, TensorDescription description, bool isBatched) : BatchTensor(graph, kind, description, isBatched)
    {
        private T[] _elements = [];

        public Span<T> Elements => _elements.AsSpan(0, Count);

        public override long ByteLength => typeof(T) == typeof(string)
            ? ((string[])(object)_elements).Take(Count).Sum(text => (long)System.Text.Encoding.UTF8.GetByteCount(text))
            : (long)Count * Unsafe.SizeOf<T>();

        public override void Gather(IModelCall call, IReadOnlyList<BatchMember> members, int index, long rows)
        {
            if (!IsBatched || members.Count == 1)
            {
                Elements.CopyTo(call.Input<T>(Description.Name, Shape));
                return;
            }

            Span<long> shape = stackalloc long[Shape.Length];
            Shape.CopyTo(shape);
            shape[0] = rows;
            var destination = call.Input<T>(Description.Name, shape);
            for (var i = 0; i < members.Count; i++)
            {
                var source = ((Of<T>)members[i].Inputs[index]).Elements;
                source.CopyTo(destination);
                destination = destination[source.Length..];
            }
        }

        public override bool Scatter(IModelCall call, IReadOnlyList<BatchMember> members, int index, long rows)
        {
            var shape = call.OutputShape(Description.Name);
            var source = call.Output<T>(Description.Name);
            if (members.Count == 1)
            {
                Take(shape, source);
                return true;
            }

            if (shape.IsEmpty || shape[0] != rows)
            {
                return false;
            }

            var rowLength = (int)(source.Length / rows);
            Span<long> part = stackalloc long[shape.Length];
            shape.CopyTo(part);
            for (var i = 0; i < members.Count; i++)
            {
                part[0] = members[i].Rows;
                var length = (int)part[0] * rowLength;
                ((Of<T>)members[i].Outputs[index]).Take(part, source[..length]);
                source = source[length..];
            }

            return true;
        }

        public override void CopyFrom(BatchTensor other)
        {
            if (other.IsFilled)
            {
                Take(other.Shape, ((Of<T>)other).Elements);
            }
        }

        public override void Forget()
        {
            base.Forget();
            if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
            {
                Array.Clear(_elements);
            }
        }

        protected override bool HasContentOf(BatchTensor other)
        {
            var own = Elements;
            var others = ((Of<T>)other).Elements;
            return RuntimeHelpers.IsReferenceOrContainsReferences<T>() ? own.SequenceEqual(others) : Bytes(own).SequenceEqual(Bytes(others));
        }

        protected override void Reserve(int count)
        {
            if (_elements.Length < count)
            {
                _elements = new T[count];
            }

            if (typeof(T) == typeof(string))
            {
                Array.Fill((string[])(object)_elements, "", 0, count);
            }
        }

        private void Take(scoped ReadOnlySpan<long> shape, ReadOnlySpan<T> elements)
        {
            Reshape(shape, elements.Length);
            elements.CopyTo(_elements);
            IsFilled = true;
        }

        // Bit for bit: 0 and -0 are not the same input.
        private static ReadOnlySpan<byte> Bytes(Span<T> elements) =>
            MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<T, byte>(ref MemoryMarshal.GetReference(elements)), checked(elements.Length * Unsafe.SizeOf<T>()));
    }
}
