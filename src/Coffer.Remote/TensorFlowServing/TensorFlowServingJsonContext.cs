using System.Text.Json.Serialization;

namespace Coffer.Remote;

/// <summary>GET …/metadata.</summary>
internal sealed record TensorFlowMetadata([property: JsonPropertyName("metadata")] TensorFlowMetadataFields? Fields);

internal sealed record TensorFlowMetadataFields([property: JsonPropertyName("signature_def")] TensorFlowSignatures? Signatures);

/// <summary>The field and the map in it have the same name.</summary>
internal sealed record TensorFlowSignatures([property: JsonPropertyName("signature_def")] Dictionary<string, TensorFlowSignature>? ByName);

internal sealed record TensorFlowSignature(
    [property: JsonPropertyName("inputs")] Dictionary<string, TensorFlowTensorInfo>? Inputs,
    [property: JsonPropertyName("outputs")] Dictionary<string, TensorFlowTensorInfo>? Outputs);

internal sealed record TensorFlowTensorInfo(
    [property: JsonPropertyName("dtype")] string? Dtype,
    [property: JsonPropertyName("tensor_shape")] TensorFlowShape? Shape);

internal sealed record TensorFlowShape(
    [property: JsonPropertyName("dim")] IReadOnlyList<TensorFlowDimension>? Dimensions,
    [property: JsonPropertyName("unknown_rank")] bool UnknownRank);

/// <summary>64-bit numbers are texts in protobuf's JSON.</summary>
internal sealed record TensorFlowDimension(
    [property: JsonPropertyName("size")] long Size,
    [property: JsonPropertyName("name")] string? Name);

/// <summary>GET /v1/models/M.</summary>
internal sealed record TensorFlowStatus([property: JsonPropertyName("model_version_status")] IReadOnlyList<TensorFlowVersionStatus>? Versions);

internal sealed record TensorFlowVersionStatus(
    [property: JsonPropertyName("version")] long Version,
    [property: JsonPropertyName("state")] string? State,
    [property: JsonPropertyName("status")] TensorFlowStatusMessage? Status);

internal sealed record TensorFlowStatusMessage([property: JsonPropertyName("error_message")] string? Message);

/// <summary>Makes the readers at build time.</summary>
[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(TensorFlowMetadata))]
[JsonSerializable(typeof(TensorFlowStatus))]
internal sealed partial class TensorFlowServingJsonContext : JsonSerializerContext;
