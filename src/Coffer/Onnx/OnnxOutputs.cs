using System.Runtime.CompilerServices;
using Coffer.Inference;

namespace Coffer.Onnx;

/// <summary>The outputs of a call: allocated by ONNX Runtime in each run, from its arena, and read where they lie.</summary>
internal sealed unsafe class OnnxOutputs(OnnxSession session, nint binding)
{
    private readonly nint[] _values = new nint[session.Outputs.Count];
    private readonly string[]?[] _strings = new string[]?[session.Outputs.Count];

    public void Bind()
    {
        Release();
        foreach (var slot in session.Outputs)
        {
            // A bound output keeps its last tensor, and a run that gives another shape would fail: bound anew, it takes any.
            OrtBinding.BindOutput(binding, slot.NamePointer, session.MemoryInfo);
        }
    }

    public void Fetch() => OrtBinding.Outputs(binding, session.Allocator, _values);

    public ReadOnlySpan<T> Read<T>(OnnxTensorSlot slot)
    {
        var value = Value(slot);
        TensorChecks.RequireType<T>(session.Signature.Graph, "Output", slot.Description);
        var count = TensorChecks.Count(OrtTensor.Shape(value, out _));
        if (count > int.MaxValue)
        {
            throw new InferenceException(InferenceError.NotCapable, $"Output '{slot.Description.Name}' of graph '{session.Signature.Graph}' has {count} elements; a span holds at most {int.MaxValue}.");
        }

        if (typeof(T) == typeof(string))
        {
            var strings = _strings[slot.Index] ??= OrtTensor.Strings(value, (int)count);
            return Unsafe.As<string[], T[]>(ref strings);
        }

        return new ReadOnlySpan<T>(OrtTensor.Data(value), (int)count);
    }

    public ReadOnlySpan<long> Shape(OnnxTensorSlot slot) => OrtTensor.Shape(Value(slot), out _);

    public nint Value(OnnxTensorSlot slot)
    {
        var value = _values[slot.Index];
        return value != 0 ? value : throw new InferenceException(
            InferenceError.InvalidCall,
            $"Output '{slot.Description.Name}' of graph '{session.Signature.Graph}' can't be read: nothing has run yet, or the last run failed. Call Run first.");
    }

    public void Release()
    {
        foreach (ref var value in _values.AsSpan())
        {
            if (value != 0)
            {
                OrtTensor.Release(value);
                value = 0;
            }
        }

        Array.Clear(_strings);
    }
}
