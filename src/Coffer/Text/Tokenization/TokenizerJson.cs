using System.Text.Json;

namespace Coffer.Text;

/// <summary>Reads the JSON files of tokenizers: of bounded size and depth, each member checked for its type.</summary>
internal static class TokenizerJson
{
    // The largest tokenizer.json in use (vocabularies of 260,000 tokens with merges) are below 40 MB.
    public const int MaxBytes = 256 << 20;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64 };

    /// <exception cref="TokenizerException">It is too large, not JSON, or not an object.</exception>
    public static JsonDocument Open(ReadOnlyMemory<byte> json, string name)
    {
        if (json.Length > MaxBytes)
        {
            throw new TokenizerException(TokenizerError.TooLarge, $"{name} has {json.Length} bytes; at most {MaxBytes} are read.");
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(SkipByteOrderMark(json), Options);
        }
        catch (JsonException e)
        {
            throw new TokenizerException(TokenizerError.Malformed, $"{name} is not JSON. Correct the file.", e);
        }

        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            document.Dispose();
            throw new TokenizerException(TokenizerError.Malformed, $"{name} is not a JSON object. Correct the file.");
        }

        return document;
    }

    /// <summary>The member, or null where it is absent or JSON's null.</summary>
    public static JsonElement? Member(this JsonElement element, string name)
    {
        try
        {
            return element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
        }
        catch (InvalidOperationException e)
        {
            throw BadName(e);
        }
    }

    /// <summary>A member's name; half a surrogate pair, which JSON can escape, is an error.</summary>
    public static string NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException e)
        {
            throw BadName(e);
        }
    }

    public static string? Text(this JsonElement element, string name) => element.Member(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value => Decode(value, name),
        _ => throw Wrong(name, "text"),
    };

    public static string RequiredText(this JsonElement element, string name) => element.Text(name) ?? throw Wrong(name, "text");

    public static bool Flag(this JsonElement element, string name, bool otherwise) => element.Member(name)?.ValueKind switch
    {
        null => otherwise,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong(name, "true or false"),
    };

    public static int? Number(this JsonElement element, string name) => element.Member(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt32(out var number) => number,
        _ => throw Wrong(name, "an integer"),
    };

    public static int RequiredNumber(this JsonElement element, string name) => element.Number(name) ?? throw Wrong(name, "an integer");

    public static JsonElement.ArrayEnumerator List(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.Array } value ? value.EnumerateArray() : throw Wrong(name, "a list");

    /// <summary>A JSON string's text; half a surrogate pair, which JSON can escape, is an error.</summary>
    public static string Decode(JsonElement value, string name)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new TokenizerException(TokenizerError.Malformed, $"The tokenizer's '{name}' is not valid text. Correct the file.", e);
        }
    }

    public static TokenizerException Wrong(string name, string expected) =>
        new(TokenizerError.Malformed, $"The tokenizer's '{name}' is not {expected}. Correct the file.");

    /// <summary>Text from a file for a message: short, and on one line.</summary>
    public static string Quote(string text)
    {
        var line = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
        return line.Length <= 60 ? line : line[..60] + "…";
    }

    private static TokenizerException BadName(Exception cause) =>
        new(TokenizerError.Malformed, "A name in the tokenizer's files is not valid text. Correct the file.", cause);

    private static ReadOnlyMemory<byte> SkipByteOrderMark(ReadOnlyMemory<byte> json) => json.Span.StartsWith("\uFEFF"u8) ? json[3..] : json;
}
