using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Coffer.Text;
using Microsoft.Extensions.AI;

namespace Coffer.Extensions;

/// <summary>Messages of Microsoft.Extensions.AI as chat templates read them.</summary>
internal static class ChatTurns
{
    /// <summary>Turns messages into turns; each result of a tool is a turn of its own.</summary>
    /// <param name="messages">Oldest first.</param>
    /// <param name="instructions">What the model is told before; null for nothing.</param>
    /// <exception cref="NotSupportedException">A message has content that is no text.</exception>
    /// <exception cref="ArgumentException">There is no message.</exception>
    public static IReadOnlyList<ChatTurn> Of(IEnumerable<ChatMessage> messages, string? instructions)
    {
        var turns = new List<ChatTurn>();
        if (!string.IsNullOrEmpty(instructions))
        {
            turns.Add(ChatTurn.System(instructions));
        }

        foreach (var message in messages)
        {
            Add(turns, message);
        }

        return turns.Count > 0 ? turns : throw new ArgumentException("There is no message. Give at least one.", nameof(messages));
    }

    private static void Add(List<ChatTurn> turns, ChatMessage message)
    {
        var (text, reasoning) = ("", "");
        var calls = new List<ChatToolCall>();
        var results = new List<ChatTurn>();
        foreach (var content in message.Contents)
        {
            switch (content)
            {
                case TextContent said:
                    text += said.Text;
                    break;
                case TextReasoningContent thought:
                    reasoning += thought.Text;
                    break;
                case FunctionCallContent call:
                    calls.Add(new ChatToolCall(call.Name, ToJson(call.Arguments ?? new Dictionary<string, object?>()), call.CallId));
                    break;
                case FunctionResultContent result:
                    results.Add(new ChatTurn("tool", ToText(result)) { ToolCallId = result.CallId });
                    break;
                case UsageContent:
                    break;
                default:
                    throw new NotSupportedException($"A message of the role '{message.Role}' has {content.GetType().Name}, and this model reads text. Leave it out.");
            }
        }

        if (text.Length > 0 || calls.Count > 0 || results.Count == 0)
        {
            turns.Add(new ChatTurn(message.Role.Value, text.Length == 0 && calls.Count > 0 ? null : text)
            {
                Name = message.AuthorName,
                ToolCalls = calls,
                Fields = reasoning.Length == 0 ? new Dictionary<string, JsonElement>() : new Dictionary<string, JsonElement> { ["reasoning_content"] = ToJson(reasoning) },
            });
        }

        turns.AddRange(results);
    }

    private static string ToText(FunctionResultContent result) => result.Result switch
    {
        null => result.Exception is null ? "" : "Error: the function failed.",
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } element => element.GetString()!,
        var value => Compact(ToJson(value)),
    };

    // A model pays for each token of white space and of escapes.
    private static string Compact(JsonElement element)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            element.WriteTo(json);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    // By the contracts that Microsoft.Extensions.AI generates at build time, and those of the application where it added some: AOT-clean.
    private static JsonElement ToJson<T>(T value)
        where T : notnull
    {
        var type = value is IDictionary<string, object?> ? typeof(IDictionary<string, object?>) : value.GetType();
        JsonTypeInfo contract = AIJsonUtilities.DefaultOptions.GetTypeInfo(type);
        return JsonSerializer.SerializeToElement(value, contract);
    }
}
