using System.Runtime.InteropServices;
using Coffer.Inference;

namespace Coffer.Onnx;

/// <summary>An input or output of a session: its description, and its name as the C API takes it.</summary>
internal sealed class OnnxTensorSlot : IDisposable
{
    public OnnxTensorSlot(OrtTensorInfo info, int index)
    {
        Index = index;
        Type = info.Type;
        NamePointer = Marshal.StringToCoTaskMemUTF8(info.Name);
        Description = new TensorDescription(
            info.Name,
            info.Type.ToElementType(),
            [.. info.Sizes.Zip(info.Symbols, (size, symbol) => size < 0 ? new Dimension(null, symbol) : new Dimension(size))],
            AnyRank: !info.HasRank);
        IsFixed = info.Type is not (OrtElementType.Undefined or OrtElementType.String) && info.HasRank && info.Sizes.All(size => size >= 0);
    }

    /// <summary>The position in the signature's list.</summary>
    public int Index { get; }

    public OrtElementType Type { get; }

    public TensorDescription Description { get; }

    /// <summary>Zero-terminated UTF-8.</summary>
    public nint NamePointer { get; private set; }

    /// <summary>Whether the graph fixes every dimension of numbers, so that one tensor can serve every run.</summary>
    public bool IsFixed { get; }

    /// <summary>Graphs exist that declare another shape than they give.</summary>
    public bool HasDeclaredShape(ReadOnlySpan<long> shape)
    {
        var equal = shape.Length == Description.Dimensions.Count;
        for (var i = 0; equal && i < shape.Length; i++)
        {
            equal = Description.Dimensions[i].Size == shape[i];
        }

        return equal;
    }

    public void Dispose()
    {
        Marshal.FreeCoTaskMem(NamePointer);
        NamePointer = 0;
    }
}
