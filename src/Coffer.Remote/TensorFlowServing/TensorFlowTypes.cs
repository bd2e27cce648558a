using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Remote.TensorFlow;

namespace Coffer.Remote;

/// <summary>TensorFlow's element types and signatures.</summary>
internal static class TensorFlowTypes
{
    public static DataType ToDataType(ElementType type) => type switch
    {
        ElementType.Float32 => DataType.DtFloat,
        ElementType.Float64 => DataType.DtDouble,
        ElementType.Float16 => DataType.DtHalf,
        ElementType.BFloat16 => DataType.DtBfloat16,
        ElementType.Int8 => DataType.DtInt8,
        ElementType.Int16 => DataType.DtInt16,
        ElementType.Int32 => DataType.DtInt32,
        ElementType.Int64 => DataType.DtInt64,
        ElementType.UInt8 => DataType.DtUint8,
        ElementType.UInt16 => DataType.DtUint16,
        ElementType.UInt32 => DataType.DtUint32,
        ElementType.UInt64 => DataType.DtUint64,
        ElementType.Bool => DataType.DtBool,
        ElementType.String => DataType.DtString,
        _ => throw new InferenceException(InferenceError.NotCapable, $"TensorFlow Serving has no element type {type}."),
    };

    public static ElementType ToElementType(DataType type) => type switch
    {
        DataType.DtFloat => ElementType.Float32,
        DataType.DtDouble => ElementType.Float64,
        DataType.DtHalf => ElementType.Float16,
        DataType.DtBfloat16 => ElementType.BFloat16,
        DataType.DtInt8 => ElementType.Int8,
        DataType.DtInt16 => ElementType.Int16,
        DataType.DtInt32 => ElementType.Int32,
        DataType.DtInt64 => ElementType.Int64,
        DataType.DtUint8 => ElementType.UInt8,
        DataType.DtUint16 => ElementType.UInt16,
        DataType.DtUint32 => ElementType.UInt32,
        DataType.DtUint64 => ElementType.UInt64,
        DataType.DtBool => ElementType.Bool,
        DataType.DtString => ElementType.String,
        _ => ElementType.Unsupported,
    };

    /// <summary>The type of that name in TensorFlow's JSON.</summary>
    public static ElementType ToElementType(string? name) => name switch
    {
        "DT_FLOAT" => ElementType.Float32,
        "DT_DOUBLE" => ElementType.Float64,
        "DT_HALF" => ElementType.Float16,
        "DT_BFLOAT16" => ElementType.BFloat16,
        "DT_INT8" => ElementType.Int8,
        "DT_INT16" => ElementType.Int16,
        "DT_INT32" => ElementType.Int32,
        "DT_INT64" => ElementType.Int64,
        "DT_UINT8" => ElementType.UInt8,
        "DT_UINT16" => ElementType.UInt16,
        "DT_UINT32" => ElementType.UInt32,
        "DT_UINT64" => ElementType.UInt64,
        "DT_BOOL" => ElementType.Bool,
        "DT_STRING" => ElementType.String,
        _ => ElementType.Unsupported,
    };

    /// <summary>The type's name in TensorFlow's JSON.</summary>
    public static string ToName(ElementType type) => type switch
    {
        ElementType.Float32 => "DT_FLOAT",
        ElementType.Float64 => "DT_DOUBLE",
        ElementType.Float16 => "DT_HALF",
        ElementType.BFloat16 => "DT_BFLOAT16",
        ElementType.Int8 => "DT_INT8",
        ElementType.Int16 => "DT_INT16",
        ElementType.Int32 => "DT_INT32",
        ElementType.Int64 => "DT_INT64",
        ElementType.UInt8 => "DT_UINT8",
        ElementType.UInt16 => "DT_UINT16",
        ElementType.UInt32 => "DT_UINT32",
        ElementType.UInt64 => "DT_UINT64",
        ElementType.Bool => "DT_BOOL",
        ElementType.String => "DT_STRING",
        _ => "DT_INVALID",
    };

    public static Dimension Dimension(long size, string? name) => size < 0 ? new Dimension(null, name ?? "") : new Dimension(size);

    public static ModelSignature Signature(TensorFlowServingModel model, IEnumerable<TensorDescription> inputs, IEnumerable<TensorDescription> outputs)
    {
        var signature = new ModelSignature(model.Graph, [.. inputs], [.. outputs], default, ExecutionTarget.Remote, "");
        return signature.Outputs.Count > 0 ? signature : throw new InvalidDataException($"signature '{model.SignatureName}' of model '{model.Name}' has no outputs");
    }

    public static InvalidDataException NoSignature(TensorFlowServingModel model, IEnumerable<string> names) =>
        new($"model '{model.Name}' has no signature '{model.SignatureName}', but {string.Join(", ", names.Select(name => $"'{RemoteFailures.Quote(name, secret: null)}'"))}");
}
