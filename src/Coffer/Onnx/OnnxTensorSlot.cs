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
    }

    /// <summary>The position in the signature's list.</summary>
    public int Index { get; }

    public OrtElementType Type { get; }

    public TensorDescription Description { get; }

    /// <summary>Zero-terminated UTF-8.</summary>
    public nint NamePointer { get; private set; }

    public void Dispose()
    {
        Marshal.FreeCoTaskMem(NamePointer);
        NamePointer = 0;
    }
}
