using System.Text.Json.Serialization;

namespace Coffer.Remote;

/// <summary>A model's description over REST.</summary>
internal sealed record OpenInferenceMetadata(
    [property: JsonPropertyName("name")] string? Name,
    [property: JsonPropertyName("inputs")] IReadOnlyList<OpenInferenceTensorMetadata>? Inputs,
    [property: JsonPropertyName("outputs")] IReadOnlyList<OpenInferenceTensorMetadata>? Outputs);

/// <summary>A tensor in it.</summary>
internal sealed record OpenInferenceTensorMetadata(
    [property: JsonPropertyName("name")] string? Name,
    [property: JsonPropertyName("datatype")] string? Datatype,
    [property: JsonPropertyName("shape")] IReadOnlyList<long>? Shape);

/// <summary>An output's head in a reply to a run.</summary>
internal sealed record OpenInferenceOutputHead
{
    public string Name { get; set; } = "";

    public string Datatype { get; set; } = "";

    public List<long> Shape { get; } = [];

    /// <summary>Of the binary tensor extension; null where the data is in the JSON.</summary>
    public long? BinarySize { get; set; }

    /// <summary>Where in the JSON the data begins; -1 if there is none.</summary>
    public int DataStart { get; set; } = -1;
}

/// <summary>Makes the descriptions' readers at build time.</summary>
[JsonSerializable(typeof(OpenInferenceMetadata))]
internal sealed partial class OpenInferenceJsonContext : JsonSerializerContext;
