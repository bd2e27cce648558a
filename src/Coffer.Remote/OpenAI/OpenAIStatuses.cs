using System.Text.Json;

namespace Coffer.Remote;

/// <summary>What OpenAI's statuses mean where the body says it better.</summary>
internal static class OpenAIStatuses
{
    /// <summary>A spent budget comes with the status of a busy server (429), and no wait helps against it.</summary>
    public static (int Status, string? Message)? Unwrap(HttpResponseMessage reply, string body)
    {
        if ((int)reply.StatusCode != 429)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object
                && (Is(error, "code") || Is(error, "type"))
                    ? (403, null)
                    : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool Is(JsonElement error, string name) =>
        error.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.ValueEquals("insufficient_quota");
}
