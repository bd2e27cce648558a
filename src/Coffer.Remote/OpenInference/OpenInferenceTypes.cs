using Coffer.Bundles;
using Coffer.Inference;

namespace Coffer.Remote;

/// <summary>The protocol's names of element types, and its descriptions of tensors.</summary>
internal static class OpenInferenceTypes
{
    public static string ToDatatype(ElementType type) => type switch
    {
        ElementType.Float32 => "FP32",
        ElementType.Float64 => "FP64",
        ElementType.Float16 => "FP16",
        ElementType.BFloat16 => "BF16",
        ElementType.Int8 => "INT8",
        ElementType.Int16 => "INT16",
        ElementType.Int32 => "INT32",
        ElementType.Int64 => "INT64",
        ElementType.UInt8 => "UINT8",
        ElementType.UInt16 => "UINT16",
        ElementType.UInt32 => "UINT32",
        ElementType.UInt64 => "UINT64",
        ElementType.Bool => "BOOL",
        ElementType.String => "BYTES",
        _ => throw new InferenceException(InferenceError.NotCapable, $"The protocol has no element type {type}."),
    };

    public static ElementType ToElementType(string datatype) => datatype switch
    {
        "FP32" => ElementType.Float32,
        "FP64" => ElementType.Float64,
        "FP16" => ElementType.Float16,
        "BF16" => ElementType.BFloat16,
        "INT8" => ElementType.Int8,
        "INT16" => ElementType.Int16,
        "INT32" => ElementType.Int32,
        "INT64" => ElementType.Int64,
        "UINT8" => ElementType.UInt8,
        "UINT16" => ElementType.UInt16,
        "UINT32" => ElementType.UInt32,
        "UINT64" => ElementType.UInt64,
        "BOOL" => ElementType.Bool,
        "BYTES" => ElementType.String,
        _ => ElementType.Unsupported,
    };

    public static TensorDescription Describe(string? name, string? datatype, IEnumerable<long>? shape) => new(
        !string.IsNullOrEmpty(name) ? name : throw new InvalidDataException("a tensor has no name"),
        ToElementType(datatype ?? ""),
        [.. (shape ?? throw new InvalidDataException($"tensor '{name}' has no shape")).Select(size => size < 0 ? new Dimension(null) : new Dimension(size))]);

    public static ModelSignature Signature(OpenInferenceModel model, IEnumerable<TensorDescription> inputs, IEnumerable<TensorDescription> outputs)
    {
        var signature = new ModelSignature(model.Graph, [.. inputs], [.. outputs], default, ExecutionTarget.Remote, "");
        return signature.Outputs.Count > 0 && Distinct(signature.Inputs) && Distinct(signature.Outputs)
            ? signature
            : throw new InvalidDataException($"the description of model '{model.Name}' has no outputs, or a name twice");
    }

    /// <exception cref="InvalidDataException">The message has another element type than the signature.</exception>
    public static void RequireType(RemoteTensor output, string datatype)
    {
        if (datatype != ToDatatype(output.Type))
        {
            throw new InvalidDataException($"{output.Label} is of type {RemoteFailures.Quote(datatype, secret: null)} instead of {ToDatatype(output.Type)}");
        }
    }

    private static bool Distinct(IReadOnlyList<TensorDescription> tensors) => tensors.DistinctBy(tensor => tensor.Name).Count() == tensors.Count;
}
