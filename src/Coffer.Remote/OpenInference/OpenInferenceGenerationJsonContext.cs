using System.Text.Json;
using System.Text.Json.Serialization;

namespace Coffer.Remote;

/// <summary>What the generate extension takes; what is null is not sent.</summary>
internal sealed record OpenInferenceGenerationRequest(string TextInput, OpenInferenceGenerationParameters Parameters)
{
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Inputs { get; set; }
}

/// <summary>Its parameters.</summary>
internal sealed record OpenInferenceGenerationParameters
{
    public int? MaxTokens { get; init; }

    public float? Temperature { get; init; }

    public float? TopP { get; init; }

    public float? FrequencyPenalty { get; init; }

    public IReadOnlyList<string>? Stop { get; init; }

    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Further { get; set; }
}

/// <summary>What it gives; <see cref="Done"/> in events of the Open Inference Protocol only, not in Triton's.</summary>
internal sealed record OpenInferenceGeneration(string? TextOutput, bool? Done);

/// <summary>Makes readers and writers at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OpenInferenceGenerationRequest))]
[JsonSerializable(typeof(OpenInferenceGeneration))]
internal sealed partial class OpenInferenceGenerationJsonContext : JsonSerializerContext;
