using System.Runtime.CompilerServices;
using Coffer.Inference;

namespace Coffer.Onnx;

/// <summary>
/// The outputs of a call, allocated by ONNX Runtime where they are computed. Read where they lie, or copied once from a device
/// when first asked for. One whose shape the graph fixes stays bound to its first tensor, which every run fills again; the
/// others are allocated anew in each run, from ONNX Runtime's arena.
/// </summary>
internal sealed class OnnxOutputs(OnnxSession session, nint binding)
{
    private readonly nint[] _values = new nint[session.Outputs.Length];
    private readonly nint[] _fetched = new nint[session.Outputs.Length];
    private readonly nint[] _copies = new nint[session.Outputs.Length];
    private readonly bool[] _copied = new bool[session.Outputs.Length];
    private readonly bool[] _stays = new bool[session.Outputs.Length];
    private readonly string[]?[] _strings = new string[]?[session.Outputs.Length];
    private bool _ready;

    /// <summary>Before a run.</summary>
    public void Bind()
    {
        Forget();
        foreach (var slot in session.Outputs)
        {
            if (!_stays[slot.Index])
            {
                // A bound output keeps its tensor, and a run that gives another shape would fail: bound anew, it takes any.
                OrtBinding.BindOutput(binding, slot.NamePointer, session.Device.OutputPlace(slot));
            }
        }
    }

    /// <summary>After a run.</summary>
    public void Fetch()
    {
        if (_stays.Contains(false))
        {
            OrtBinding.Outputs(binding, session.Allocator, _fetched);
            foreach (var slot in session.Outputs)
            {
                Take(slot, _fetched[slot.Index]);
            }
        }

        _ready = true;
    }

    public unsafe ReadOnlySpan<T> Read<T>(OnnxTensorSlot slot)
    {
        var value = Value(slot);
        TensorChecks.RequireType<T>(session.Signature.Graph, "Output", slot.Description);
        var count = TensorChecks.Count(OrtTensor.Shape(value));
        if (count > int.MaxValue)
        {
            throw new InferenceException(InferenceError.NotCapable, $"Output '{slot.Description.Name}' of graph '{session.Signature.Graph}' has {count} elements; a span holds at most {int.MaxValue}.");
        }

        if (typeof(T) == typeof(string))
        {
            var strings = _strings[slot.Index] ??= OrtTensor.Strings(value, (int)count);
            return Unsafe.As<string[], T[]>(ref strings);
        }

        return new ReadOnlySpan<T>(OrtTensor.Data(OnHost(slot, value, (int)count)), (int)count);
    }

    public ReadOnlySpan<long> Shape(OnnxTensorSlot slot) => OrtTensor.Shape(Value(slot));

    public string Place(OnnxTensorSlot slot) => OrtMemory.Name(OrtMemory.Of(Value(slot)));

    /// <summary>The output's tensor, to be bound as an input: the next run may not write into it.</summary>
    public nint Carry(OnnxTensorSlot slot)
    {
        var value = Value(slot);
        _stays[slot.Index] = false;
        return value;
    }

    /// <summary>The last run's outputs can be read no more; tensors that stay bound stay allocated.</summary>
    public void Forget()
    {
        _ready = false;
        Array.Clear(_copied);
        for (var i = 0; i < _values.Length; i++)
        {
            if (!_stays[i])
            {
                Release(i);
            }
        }
    }

    public void Free()
    {
        for (var i = 0; i < _values.Length; i++)
        {
            Release(i);
            ReleaseCopy(i);
        }
    }

    private void Take(OnnxTensorSlot slot, nint value)
    {
        if (_stays[slot.Index])
        {
            OrtTensor.Release(value);
            return;
        }

        _values[slot.Index] = value;
        _stays[slot.Index] = slot.IsFixed && slot.HasDeclaredShape(OrtTensor.Shape(value));
    }

    private nint Value(OnnxTensorSlot slot)
    {
        if (!_ready)
        {
            throw new InferenceException(
                InferenceError.InvalidCall,
                $"Output '{slot.Description.Name}' of graph '{session.Signature.Graph}' can't be read: nothing has run yet, or the last run failed. Call Run first.");
        }

        if (slot.Type == OrtElementType.Undefined)
        {
            throw new InferenceException(
                InferenceError.NotCapable,
                $"Output '{slot.Description.Name}' of graph '{session.Signature.Graph}' is a sequence, a map or an optional value; Coffer gives access to tensors. Export the model with tensors as outputs.");
        }

        return _values[slot.Index];
    }

    /// <summary>The tensor itself, or its copy in the processor's memory.</summary>
    private nint OnHost(OnnxTensorSlot slot, nint value, int count)
    {
        var index = slot.Index;
        if (_copied[index])
        {
            return _copies[index];
        }

        if (session.Device.OutputPlace(slot) == session.MemoryInfo || OrtMemory.IsHost(OrtMemory.Of(value)))
        {
            return value;
        }

        try
        {
            var shape = OrtTensor.Shape(value);
            if (_copies[index] == 0 || !OrtTensor.Shape(_copies[index]).SequenceEqual(shape))
            {
                ReleaseCopy(index);
                _copies[index] = OrtTensor.Create(session.Allocator, shape, slot.Type);
            }

            if (count > 0)
            {
                session.Device.Read(value, _copies[index]);
            }
        }
        catch (OrtException e)
        {
            throw new InferenceException(e.ToInferenceError(InferenceError.RunFailed), $"Output '{slot.Description.Name}' of graph '{session.Signature.Graph}' can't be copied from the device: {e.Message}", e);
        }

        _copied[index] = true;
        return _copies[index];
    }

    private void ReleaseCopy(int index)
    {
        if (_copies[index] != 0)
        {
            OrtTensor.Release(_copies[index]);
            _copies[index] = 0;
        }
    }

    private void Release(int index)
    {
        if (_values[index] != 0)
        {
            OrtTensor.Release(_values[index]);
            _values[index] = 0;
        }

        _strings[index] = null;
    }
}
