using System.Text.Encodings.Web;
using System.Text.Json;

namespace Coffer.Text.Constraints;

/// <summary>Reads the keywords of a JSON schema, and refuses by name what constraints don't have.</summary>
internal static class SchemaKeywords
{
    // Days that every month has: a regular expression does not know the others.
    private const string Date = "[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])";

    private const string Time = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,6})?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])";

    private static readonly string[] OfStrings = ["pattern", "format", "minLength", "maxLength"];

    public static readonly string[] Annotations =
        ["$schema", "$id", "$comment", "$defs", "definitions", "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"];

    public static readonly string[] Assertions = ["type", "properties", "required", "additionalProperties", "items", "minItems", "maxItems", "minLength", "maxLength", "pattern", "format"];

    public static readonly string[] Types = ["object", "array", "string", "integer", "number", "boolean", "null"];

    public static string[] TypesOf(JsonElement schema)
    {
        if (!schema.TryGetProperty("type", out var type))
        {
            return schema.TryGetProperty("properties", out _) || schema.TryGetProperty("additionalProperties", out _) || schema.TryGetProperty("required", out _) ? ["object"]
                : schema.TryGetProperty("items", out _) || schema.TryGetProperty("minItems", out _) || schema.TryGetProperty("maxItems", out _) ? ["array"]
                : OfStrings.Any(name => schema.TryGetProperty(name, out _)) ? ["string"]
                : Types;
        }

        var types = type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(one => TextOf(one, "type")).Distinct().ToArray() : [TextOf(type, "type")];
        return types.FirstOrDefault(name => !Types.Contains(name)) is { } unknown ? throw Invalid($"there is no type '{TokenizerJson.Quote(unknown)}'") : types;
    }

    public static (int Minimum, int? Maximum) Limits(JsonElement schema, string minimum, string maximum)
    {
        var least = schema.TryGetProperty(minimum, out var given) ? Count(given, minimum) : 0;
        var most = schema.TryGetProperty(maximum, out given) ? Count(given, maximum) : (int?)null;
        return most < least ? throw new ConstraintException(ConstraintError.Unsatisfiable, $"The schema's '{minimum}' is above its '{maximum}'. Correct it.") : (least, most);
    }

    public static int Count(JsonElement value, string keyword) => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var count) && count >= 0
        ? count <= 10_000 ? count : throw new ConstraintException(ConstraintError.LimitExceeded, $"The schema's '{keyword}' is above 10000.")
        : throw Invalid($"'{keyword}' is not a count");

    public static string FormatOf(string name) => name switch
    {
        "date" => Date,
        "time" => Time,
        "date-time" => Date + "T" + Time,
        "uuid" => "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        _ => throw Unsupported($"'format' with '{TokenizerJson.Quote(name)}'"),
    } is var pattern ? $"^(?:{pattern})$" : pattern;

    public static bool IsOf(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number) && number == decimal.Truncate(number),
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        _ => value.ValueKind == JsonValueKind.Null,
    };

    /// <summary>A value as generated text writes it: without white space, escaped only where JSON asks for it.</summary>
    public static string Literal(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => $"{{{string.Join(',', value.EnumerateObject().Select(member => $"{Write(member.Name)}:{Literal(member.Value)}"))}}}",
        JsonValueKind.Array => $"[{string.Join(',', value.EnumerateArray().Select(Literal))}]",
        JsonValueKind.String => Write(value.GetString()!),
        _ => value.GetRawText(),
    };

    public static string Write(string text) => $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";

    /// <summary>Refuses keywords besides these and annotations.</summary>
    public static void Only(JsonElement schema, params ReadOnlySpan<string> keywords)
    {
        foreach (var member in schema.EnumerateObject())
        {
            if (!keywords.Contains(member.Name) && !Annotations.Contains(member.Name))
            {
                throw Unsupported(keywords.Length == Assertions.Length ? $"the keyword '{TokenizerJson.Quote(member.Name)}'" : $"the keyword '{TokenizerJson.Quote(member.Name)}' beside '{keywords[0]}'");
            }
        }
    }

    public static JsonElement[] List(JsonElement value, string keyword) => value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : throw Invalid($"'{keyword}' is not a list");

    public static string TextOf(JsonElement value, string keyword) => value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Invalid($"'{keyword}' is not a text");

    public static ConstraintException Invalid(string what) => new(ConstraintError.InvalidSchema, $"The constraint's JSON schema is not one: {what}. Correct it.");

    public static ConstraintException Unsupported(string what) => new(ConstraintError.UnsupportedKeyword, $"The constraint's JSON schema has {what}, which constraints do not have. Write it otherwise, or leave it out.");
}
