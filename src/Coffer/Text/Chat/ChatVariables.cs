using Coffer.Text.Templates;

namespace Coffer.Text;

/// <summary>What a chat template sees: the messages and options as transformers passes them.</summary>
internal static class ChatVariables
{
    public static TemplateScope Of(IReadOnlyList<ChatTurn> messages, ChatTemplateOptions options, IReadOnlyDictionary<string, string> specialTokens)
    {
        var scope = new TemplateScope
        {
            ["messages"] = new TemplateList([.. messages.Select(Message)]),
            ["tools"] = options.Tools.Count == 0 ? null : new TemplateList([.. options.Tools.Select(TemplateJson.Read)]),
            ["documents"] = null,
            ["add_generation_prompt"] = options.AddGenerationPrompt,
        };
        foreach (var (name, token) in specialTokens)
        {
            scope[name] = token;
        }

        foreach (var (name, value) in options.Variables)
        {
            scope[name] = TemplateJson.Read(value);
        }

        return scope;
    }

    private static TemplateMap Message(ChatTurn turn)
    {
        ArgumentNullException.ThrowIfNull(turn);
        var message = new TemplateMap { ["role"] = turn.Role, ["content"] = turn.Content };
        if (turn.Name is not null)
        {
            message["name"] = turn.Name;
        }

        if (turn.ToolCallId is not null)
        {
            message["tool_call_id"] = turn.ToolCallId;
        }

        if (turn.ToolCalls.Count > 0)
        {
            message["tool_calls"] = new TemplateList([.. turn.ToolCalls.Select(ToolCall)]);
        }

        foreach (var (name, value) in turn.Fields)
        {
            message[name] = TemplateJson.Read(value);
        }

        return message;
    }

    private static TemplateMap ToolCall(ChatToolCall call)
    {
        var map = new TemplateMap();
        if (call.Id is not null)
        {
            map["id"] = call.Id;
        }

        map["type"] = "function";
        map["function"] = new TemplateMap { ["name"] = call.Name, ["arguments"] = TemplateJson.Read(call.Arguments) };
        return map;
    }
}
