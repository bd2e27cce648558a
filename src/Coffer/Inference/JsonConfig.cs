using System.Text.Json;

namespace Coffer.Inference;

/// <summary>Opens the JSON files that a model carries: of bounded size and depth, and no name twice, since readers disagree which one counts.</summary>
internal static class JsonConfig
{
    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false, MaxDepth = 32 };

    /// <exception cref="InferenceException">It is too large, not JSON, or not an object, or array where one is meant (<see cref="InferenceError.InvalidSettings"/>).</exception>
    public static JsonDocument Open(ReadOnlyMemory<byte> json, string name, int maxBytes, JsonValueKind kind = JsonValueKind.Object)
    {
        if (json.Length > maxBytes)
        {
            throw Invalid(name, $"is larger than {maxBytes} bytes");
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json, Options);
        }
        catch (JsonException e)
        {
            throw Invalid(name, "is not JSON, or has a name twice", e);
        }

        if (document.RootElement.ValueKind != kind)
        {
            document.Dispose();
            throw Invalid(name, $"is not a JSON {(kind == JsonValueKind.Object ? "object" : "array")}");
        }

        return document;
    }

    /// <summary>A member that is a string; null where it is missing or something else.</summary>
    public static string? Text(JsonElement config, string name) =>
        config.ValueKind == JsonValueKind.Object && config.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Text from a file for a message: short, and on one line.</summary>
    public static string Quote(string text)
    {
        var line = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
        return line.Length <= 60 ? line : line[..60] + "…";
    }

    private static InferenceException Invalid(string name, string what, Exception? cause = null) =>
        new(InferenceError.InvalidSettings, $"The model's {name} {what}. Correct the file and pack the model again.", cause);
}
