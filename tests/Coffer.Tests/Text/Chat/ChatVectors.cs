using System.Text.Json;
using System.Text.Json.Nodes;
using Coffer.Text;

namespace Coffer.Tests.Text;

/// <summary>The templates and conversations of tests/vectors/chat, and what Jinja makes of them.</summary>
internal static class ChatVectors
{
    private static readonly string Folder = Repository.File("tests", "vectors", "chat");

    public static IReadOnlyDictionary<string, string> SpecialTokens { get; } = new Dictionary<string, string> { ["bos_token"] = "<s>", ["eos_token"] = "</s>" };

    public static IReadOnlyDictionary<string, string> Templates { get; } = Directory.GetFiles(Path.Combine(Folder, "templates"), "*.jinja")
        .ToDictionary(file => Path.GetFileNameWithoutExtension(file), File.ReadAllText);

    public static JsonArray Conversations { get; } = Read("conversations.json").AsArray();

    public static JsonNode Expected { get; } = Read("expected.json");

    public static IReadOnlyList<ChatTurn> MessagesOf(JsonNode conversation) => [.. conversation["messages"]!.AsArray().Select(message => MessageOf(message!.AsObject()))];

    public static ChatTemplateOptions OptionsOf(JsonNode conversation) => new()
    {
        AddGenerationPrompt = (bool)conversation["add_generation_prompt"]!,
        Tools = [.. (conversation["tools"]?.AsArray() ?? []).Select(tool => Element(tool!))],
        Variables = (conversation["variables"]?.AsObject() ?? []).ToDictionary(entry => entry.Key, entry => Element(entry.Value!)),
    };

    /// <summary>The variables that transformers passes for a conversation.</summary>
    public static JsonObject VariablesOf(JsonNode conversation)
    {
        var variables = new JsonObject
        {
            ["messages"] = conversation["messages"]!.DeepClone(),
            ["tools"] = conversation["tools"]?.DeepClone(),
            ["documents"] = null,
            ["add_generation_prompt"] = conversation["add_generation_prompt"]!.DeepClone(),
        };
        foreach (var (name, token) in SpecialTokens)
        {
            variables[name] = token;
        }

        foreach (var (name, value) in conversation["variables"]?.AsObject() ?? [])
        {
            variables[name] = value!.DeepClone();
        }

        return variables;
    }

    private static ChatTurn MessageOf(JsonObject message)
    {
        string[] known = ["role", "content", "tool_call_id", "tool_calls"];
        var parts = message["content"] is JsonArray content ? new Dictionary<string, JsonElement> { ["content"] = Element(content) } : [];
        foreach (var (name, value) in message.Where(entry => !known.Contains(entry.Key)))
        {
            parts[name] = Element(value!);
        }

        return new((string)message["role"]!, message["content"] is JsonValue text ? (string)text! : null)
        {
            ToolCallId = (string?)message["tool_call_id"],
            ToolCalls = [.. (message["tool_calls"]?.AsArray() ?? []).Select(call => new ChatToolCall((string)call!["function"]!["name"]!, Element(call["function"]!["arguments"]!), (string?)call["id"]))],
            Fields = parts,
        };
    }

    public static JsonElement Element(JsonNode node) => JsonSerializer.SerializeToElement(node);

    private static JsonNode Read(string name) => JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, name)))!;
}
