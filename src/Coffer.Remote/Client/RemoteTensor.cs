using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Coffer.Inference;

namespace Coffer.Remote;

/// <summary>
/// One input or output of a call: its elements as the tensor protocols send them, row-major and little-endian, in memory that only
/// grows; or texts.
/// </summary>
internal sealed class RemoteTensor(string graph, string kind, TensorDescription description)
{
    private byte[] _own = [];
    private ReadOnlyMemory<byte> _content;
    private string[] _strings = [];
    private long[] _shape = [];
    private int _count;

    public TensorDescription Description => description;

    public string Name => description.Name;

    /// <summary>For messages: <c>output 'logits'</c>.</summary>
    public string Label => $"{kind.ToLowerInvariant()} '{description.Name}'";

    public ElementType Type => description.ElementType;

    /// <summary>Whether there is something in it: an input was written, an output came in a reply.</summary>
    public bool IsFilled { get; private set; }

    public long[] Shape => _shape;

    public int Count => _count;

    /// <summary>The bytes of numbers; empty for texts.</summary>
    public ReadOnlyMemory<byte> Content => _content;

    public ReadOnlySpan<string> Strings => _strings.AsSpan(0, _count);

    public Span<T> Write<T>(scoped ReadOnlySpan<long> shape)
    {
        TensorChecks.RequireType<T>(graph, kind, description);
        if (!IsFilled || !shape.SequenceEqual(_shape))
        {
            Reserve(shape, TensorChecks.RequireShape(graph, description, shape));
        }

        IsFilled = true;
        return typeof(T) == typeof(string) ? Unsafe.As<string[], T[]>(ref _strings).AsSpan(0, _count) : Elements<T>();
    }

    public ReadOnlySpan<T> Read<T>()
    {
        TensorChecks.RequireType<T>(graph, kind, description);
        return typeof(T) == typeof(string) ? Unsafe.As<string[], T[]>(ref _strings).AsSpan(0, _count) : Cast<T>(_content.Span);
    }

    /// <summary>The elements as they are, whatever was checked before.</summary>
    public ReadOnlySpan<T> As<T>()
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(_content.Span);

    /// <summary>Memory for an output of that shape, to be filled.</summary>
    /// <exception cref="InvalidDataException">No tensor has that shape.</exception>
    public Memory<byte> Reserve(scoped ReadOnlySpan<long> shape)
    {
        Reserve(shape, RequireCount(shape));
        IsFilled = true;
        return _own.AsMemory(0, _content.Length);
    }

    /// <summary>Space for an output's texts, to be filled.</summary>
    /// <exception cref="InvalidDataException">No tensor has that shape.</exception>
    public Span<string> ReserveStrings(scoped ReadOnlySpan<long> shape)
    {
        Reserve(shape, RequireCount(shape));
        IsFilled = true;
        return _strings.AsSpan(0, _count);
    }

    /// <summary>Takes an output where a reply left it, without a copy.</summary>
    /// <exception cref="InvalidDataException">It has not as many bytes as its shape says.</exception>
    public void Take(scoped ReadOnlySpan<long> shape, ReadOnlyMemory<byte> content)
    {
        var count = RequireCount(shape);
        if (content.Length != (long)count * ElementTypes.SizeOf(Type))
        {
            throw new InvalidDataException($"{Label} of shape [{string.Join(", ", shape.ToArray())}] has {content.Length} bytes instead of {(long)count * ElementTypes.SizeOf(Type)}");
        }

        SetShape(shape, count);
        _content = content;
        RequireBooleans();
        IsFilled = true;
    }

    /// <exception cref="InvalidDataException">A boolean is neither 0 nor 1.</exception>
    public void RequireBooleans()
    {
        if (Type == ElementType.Bool && _content.Span.ContainsAnyExceptInRange((byte)0, (byte)1))
        {
            throw new InvalidDataException($"{Label} has booleans that are neither 0 nor 1");
        }
    }

    /// <summary>Nothing of one renter's is the next one's.</summary>
    public void Forget()
    {
        IsFilled = false;
        _content = default;
        Array.Clear(_strings);
    }

    /// <summary>Goes on with a copy, because a request that was given up may still read the memory.</summary>
    public void Detach()
    {
        var length = _content.Length;
        _own = _own.AsSpan(0, Math.Min(length, _own.Length)).ToArray();
        _content = _own;
    }

    private void Reserve(scoped ReadOnlySpan<long> shape, int count)
    {
        IsFilled = false;
        if (Type == ElementType.String)
        {
            if (_strings.Length < count)
            {
                _strings = new string[count];
            }

            Array.Fill(_strings, "", 0, count);
            _content = default;
        }
        else
        {
            var length = (long)count * ElementTypes.SizeOf(Type);
            if (length > Array.MaxLength)
            {
                throw new InferenceException(InferenceError.NotCapable, $"{kind} '{Name}' of graph '{graph}' has {length} bytes; a remote call holds at most {Array.MaxLength}.");
            }

            if (_own.Length < length)
            {
                _own = new byte[length];
            }

            _content = _own.AsMemory(0, (int)length);
        }

        SetShape(shape, count);
    }

    private void SetShape(scoped ReadOnlySpan<long> shape, int count)
    {
        if (_shape.Length != shape.Length)
        {
            _shape = new long[shape.Length];
        }

        shape.CopyTo(_shape);
        _count = count;
    }

    private int RequireCount(scoped ReadOnlySpan<long> shape)
    {
        var count = shape.ContainsAnyInRange(long.MinValue, -1) ? -1 : TensorChecks.Count(shape);
        return count is >= 0 and <= int.MaxValue && count * Math.Max(1, ElementTypes.SizeOf(Type)) <= Array.MaxLength
            ? (int)count
            : throw new InvalidDataException($"{Label} has the shape [{string.Join(", ", shape.ToArray())}]");
    }

    private Span<T> Elements<T>() => Cast<T>(_own.AsSpan(0, _content.Length));

    // RequireType has made sure that T is one of the unmanaged types.
    private static Span<T> Cast<T>(Span<byte> bytes) => MemoryMarshal.CreateSpan(ref Unsafe.As<byte, T>(ref MemoryMarshal.GetReference(bytes)), bytes.Length / Unsafe.SizeOf<T>());

    private static ReadOnlySpan<T> Cast<T>(ReadOnlySpan<byte> bytes) => MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<byte, T>(ref MemoryMarshal.GetReference(bytes)), bytes.Length / Unsafe.SizeOf<T>());
}
