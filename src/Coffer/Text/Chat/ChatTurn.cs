using System.Text.Json;

namespace Coffer.Text;

/// <summary>
/// One message of a conversation as chat templates read it. It becomes the mapping that transformers calls a message: <c>role</c>, <c>content</c>,
/// then <c>name</c>, <c>tool_call_id</c> and <c>tool_calls</c> where they are set, then the <see cref="Fields"/>.
/// </summary>
public sealed record ChatTurn
{
    /// <summary>Creates a message.</summary>
    /// <param name="role">Who speaks, as the model's template names it: <c>system</c>, <c>user</c>, <c>assistant</c>, <c>tool</c>.</param>
    /// <param name="content">What is said; null (<c>none</c> in the template) where a message holds tool calls only.</param>
    public ChatTurn(string role, string? content)
    {
        ArgumentException.ThrowIfNullOrEmpty(role);
        Role = role;
        Content = content;
    }

    /// <summary>Who speaks.</summary>
    public string Role { get; init; }

    /// <summary>What is said.</summary>
    public string? Content { get; init; }

    /// <summary>The speaker's or the tool's name. Default: none.</summary>
    public string? Name { get; init; }

    /// <summary>Which call a message of the role <c>tool</c> answers. Default: none.</summary>
    public string? ToolCallId { get; init; }

    /// <summary>The calls that a message of the assistant makes. Default: none.</summary>
    public IReadOnlyList<ChatToolCall> ToolCalls { get; init; } = [];

    /// <summary>Further fields that a template reads, for example <c>reasoning_content</c>; one named as another field replaces it, as <c>content</c> does for content in parts. Default: none.</summary>
    public IReadOnlyDictionary<string, JsonElement> Fields { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>What the user says.</summary>
    /// <param name="content">What is said.</param>
    /// <returns>The message.</returns>
    public static ChatTurn User(string content) => new("user", content);

    /// <summary>What the model is told about its task.</summary>
    /// <param name="content">What is said.</param>
    /// <returns>The message.</returns>
    public static ChatTurn System(string content) => new("system", content);

    /// <summary>What the model answered.</summary>
    /// <param name="content">What is said.</param>
    /// <returns>The message.</returns>
    public static ChatTurn Assistant(string content) => new("assistant", content);
}
