using System.Text.Json;

namespace Coffer.Text;

/// <summary>A call of a tool that the assistant made; in templates <c>{"type": "function", "function": {"name": …, "arguments": …}}</c>.</summary>
/// <param name="Name">The tool's name.</param>
/// <param name="Arguments">The arguments, a JSON object.</param>
/// <param name="Id">The call's id, which the answer repeats; null for none.</param>
public sealed record ChatToolCall(string Name, JsonElement Arguments, string? Id = null);
