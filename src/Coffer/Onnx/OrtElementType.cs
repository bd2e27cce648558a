using Coffer.Inference;

namespace Coffer.Onnx;

/// <summary>ONNXTensorElementDataType of onnxruntime_c_api.h, as far as Coffer gives access.</summary>
internal enum OrtElementType
{
    Undefined = 0,
    Float = 1,
    UInt8 = 2,
    Int8 = 3,
    UInt16 = 4,
    Int16 = 5,
    Int32 = 6,
    Int64 = 7,
    String = 8,
    Bool = 9,
    Float16 = 10,
    Double = 11,
    UInt32 = 12,
    UInt64 = 13,
    BFloat16 = 16,
}

internal static class OrtElementTypeConversions
{
    public static ElementType ToElementType(this OrtElementType type) => type switch
    {
        OrtElementType.Float => ElementType.Float32,
        OrtElementType.UInt8 => ElementType.UInt8,
        OrtElementType.Int8 => ElementType.Int8,
        OrtElementType.UInt16 => ElementType.UInt16,
        OrtElementType.Int16 => ElementType.Int16,
        OrtElementType.Int32 => ElementType.Int32,
        OrtElementType.Int64 => ElementType.Int64,
        OrtElementType.String => ElementType.String,
        OrtElementType.Bool => ElementType.Bool,
        OrtElementType.Float16 => ElementType.Float16,
        OrtElementType.Double => ElementType.Float64,
        OrtElementType.UInt32 => ElementType.UInt32,
        OrtElementType.UInt64 => ElementType.UInt64,
        OrtElementType.BFloat16 => ElementType.BFloat16,
        _ => ElementType.Unsupported,
    };
}
