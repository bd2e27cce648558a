using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Coffer.Inference;

namespace Coffer.Onnx;

/// <summary>One input of a call: native memory that only grows, and the tensor over it, made anew when the shape changes.</summary>
internal sealed unsafe class OnnxInput(OnnxSession session, OnnxTensorSlot slot)
{
    /// <summary>What the widest vector instructions and ONNX Runtime's own allocator align to.</summary>
    private const nuint Alignment = 64;

    private void* _memory;
    private nuint _capacity;
    private long[] _shape = [];
    private string[] _strings = [];
    private nint _value;
    private State _state;
    private bool _bound;
    private OnnxSession? _lender;

    private enum State
    {
        Unwritten,
        Written,
        Carried,
    }

    public Span<T> Write<T>(scoped ReadOnlySpan<long> shape)
    {
        TensorChecks.RequireType<T>(session.Signature.Graph, "Input", slot.Description);
        if (_value == 0 || !shape.SequenceEqual(_shape))
        {
            Reshape(shape);
        }

        _bound &= _state != State.Carried;
        _state = State.Written;
        if (typeof(T) == typeof(string))
        {
            return Unsafe.As<string[], T[]>(ref _strings);
        }

        return new Span<T>(_memory, (int)TensorChecks.Count(_shape));
    }

    public void WriteZeros(scoped ReadOnlySpan<long> shape)
    {
        if (_value == 0 || !shape.SequenceEqual(_shape))
        {
            Reshape(shape);
        }

        Array.Fill(_strings, "");
        NativeMemory.Clear(_memory, _capacity);
        _bound &= _state != State.Carried;
        _state = State.Written;
    }

    /// <summary>Takes a tensor where it lies; ONNX Runtime copies it now if that is not where the session reads it.</summary>
    /// <param name="binding">The call's binding.</param>
    /// <param name="output">What the tensor is an output of.</param>
    /// <param name="value">The tensor.</param>
    /// <param name="lender">The session that computed it, if another: its allocator must outlive the tensor.</param>
    public void Carry(nint binding, OnnxTensorSlot output, nint value, OnnxSession lender)
    {
        TensorChecks.RequireSameType(session.Signature.Graph, output.Description, slot.Description);
        TensorChecks.RequireShape(session.Signature.Graph, slot.Description, OrtTensor.Shape(value));
        OrtBinding.BindInput(binding, slot.NamePointer, value);
        GiveBack();
        if (lender != session)
        {
            lender.Join();
            _lender = lender;
        }

        _state = State.Carried;
        _bound = true;
    }

    public void Bind(nint binding)
    {
        if (_state == State.Unwritten)
        {
            throw new InferenceException(InferenceError.InvalidCall, $"Input '{slot.Description}' of graph '{session.Signature.Graph}' was not written. Call Input for it before Run.");
        }

        if (_state == State.Carried)
        {
            return;
        }

        if (slot.Type == OrtElementType.String)
        {
            OrtTensor.Fill(_value, _strings);
        }

        if (!_bound || session.CopiesInputs)
        {
            OrtBinding.BindInput(binding, slot.NamePointer, _value);
            _bound = true;
            GiveBack();
        }
    }

    /// <summary>Whether the binding holds another session's tensor for it.</summary>
    public bool IsLent => _lender is not null;

    /// <summary>The binding's inputs were cleared.</summary>
    public void Unbind()
    {
        _bound = false;
        GiveBack();
    }

    /// <summary>The next renter must write it himself; the memory stays for him.</summary>
    public void Forget()
    {
        _bound &= _state != State.Carried;
        _state = State.Unwritten;
        Array.Clear(_strings);
    }

    /// <summary>With the binding gone.</summary>
    public void Free()
    {
        GiveBack();
        ReleaseValue();
        NativeMemory.AlignedFree(_memory);
        _memory = null;
        _capacity = 0;
    }

    private void GiveBack()
    {
        var lender = _lender;
        _lender = null;
        lender?.Leave();
    }

    private void Reshape(scoped ReadOnlySpan<long> shape)
    {
        var count = TensorChecks.RequireShape(session.Signature.Graph, slot.Description, shape);
        ReleaseValue();
        _state = State.Unwritten;
        if (slot.Type == OrtElementType.String)
        {
            _strings = new string[count];
            Array.Fill(_strings, "");
            _value = OrtTensor.CreateStrings(session.Allocator, shape);
        }
        else
        {
            var length = (nuint)count * (nuint)ElementTypes.SizeOf(slot.Description.ElementType);
            Reserve(length);
            _value = OrtTensor.Create(session.MemoryInfo, _memory, length, shape, slot.Type);
        }

        if (_shape.Length != shape.Length)
        {
            _shape = new long[shape.Length];
        }

        shape.CopyTo(_shape);
    }

    private void Reserve(nuint length)
    {
        if (_memory == null || _capacity < length)
        {
            NativeMemory.AlignedFree(_memory);
            _memory = null;
            _memory = Allocate(Math.Max(length, Alignment));
            _capacity = Math.Max(length, Alignment);
        }
    }

    private void* Allocate(nuint length)
    {
        try
        {
            return NativeMemory.AlignedAlloc(length, Alignment);
        }
        catch (OutOfMemoryException e)
        {
            throw new InferenceException(InferenceError.OutOfMemory, $"There is no memory for {length} bytes of input '{slot.Description}' of graph '{session.Signature.Graph}'.", e);
        }
    }

    private void ReleaseValue()
    {
        if (_value != 0)
        {
            OrtTensor.Release(_value);
            _value = 0;
        }

        _bound = false;
    }
}
