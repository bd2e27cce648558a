using System.Text;
using System.Text.Json;

namespace Coffer.Text;

/// <summary>Finds the chat templates among a model's files.</summary>
internal static class ChatTemplateFiles
{
    private const string Folder = "additional_chat_templates/";
    private const string Extension = ".jinja";

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static bool MayHoldTemplates(string name) =>
        name is "tokenizer_config.json" or "chat_template.json" or "chat_template.jinja" or "special_tokens_map.json" || name.StartsWith(Folder, StringComparison.Ordinal);

    public static IReadOnlyDictionary<string, string> ReadTemplates(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files)
    {
        var templates = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in new[] { "tokenizer_config.json", "chat_template.json" })
        {
            ReadSettings(files, name, root => AddTemplates(templates, root));
        }

        // A file of its own replaces what the settings hold.
        if (files.TryGetValue("chat_template.jinja", out var content))
        {
            templates.Clear();
            templates["default"] = Decode(content, "chat_template.jinja");
        }

        foreach (var (name, template) in files)
        {
            if (name.StartsWith(Folder, StringComparison.Ordinal) && name.EndsWith(Extension, StringComparison.Ordinal))
            {
                templates[name[Folder.Length..^Extension.Length]] = Decode(template, name);
            }
        }

        return templates.Count > 0 ? templates : throw new TextTemplateException(
            TextTemplateError.Missing, "The model has no chat template: neither chat_template.jinja is among its files, nor 'chat_template' in tokenizer_config.json. Give the text of the prompt, or a template of your own.");
    }

    public static IReadOnlyDictionary<string, string> ReadSpecialTokens(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files)
    {
        var tokens = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in new[] { "special_tokens_map.json", "tokenizer_config.json" })
        {
            ReadSettings(files, name, root => AddTokens(tokens, root));
        }

        return tokens;
    }

    private static void AddTemplates(Dictionary<string, string> templates, JsonElement root)
    {
        if (root.Member("chat_template") is not { ValueKind: JsonValueKind.Array } list)
        {
            if (root.Text("chat_template") is { } template)
            {
                templates["default"] = template;
            }

            return;
        }

        foreach (var entry in list.EnumerateArray())
        {
            templates[entry.RequiredText("name")] = entry.RequiredText("template");
        }
    }

    private static void AddTokens(Dictionary<string, string> tokens, JsonElement root)
    {
        foreach (var member in root.EnumerateObject())
        {
            var name = TokenizerJson.NameOf(member);
            if (name.EndsWith("_token", StringComparison.Ordinal) && (member.Value.ValueKind is JsonValueKind.String or JsonValueKind.Object)
                && (member.Value.ValueKind == JsonValueKind.String ? TokenizerJson.Decode(member.Value, name) : member.Value.Text("content")) is { } token)
            {
                tokens[name] = token;
            }
        }
    }

    private static void ReadSettings(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files, string name, Action<JsonElement> read)
    {
        if (!files.TryGetValue(name, out var content))
        {
            return;
        }

        try
        {
            using var document = TokenizerJson.Open(content, name);
            read(document.RootElement);
        }
        catch (TokenizerException e)
        {
            throw new TextTemplateException(TextTemplateError.InvalidFile, $"The chat template can't be read from {name}: {e.Message}", e);
        }
    }

    private static string Decode(ReadOnlyMemory<byte> content, string name)
    {
        try
        {
            return StrictUtf8.GetString(content.Span);
        }
        catch (DecoderFallbackException e)
        {
            throw new TextTemplateException(TextTemplateError.InvalidFile, $"{name} is not UTF-8. Correct the file.", e);
        }
    }
}
