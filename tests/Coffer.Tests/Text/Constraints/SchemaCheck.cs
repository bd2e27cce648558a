using System.Text.Json;
using System.Text.RegularExpressions;

namespace Coffer.Tests.Text;

/// <summary>Whether a JSON value satisfies a schema, straight from the keywords' definitions (JSON Schema 2020-12, validation).</summary>
internal sealed class SchemaCheck(JsonElement root)
{
    public bool Holds(JsonElement value) => Holds(root, value);

    private bool Holds(JsonElement schema, JsonElement value)
    {
        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return schema.ValueKind == JsonValueKind.True;
        }

        return schema.EnumerateObject().All(keyword => Holds(schema, keyword.Name, keyword.Value, value));
    }

    private bool Holds(JsonElement schema, string keyword, JsonElement given, JsonElement value) => keyword switch
    {
        "$ref" => Holds(Find(given.GetString()!), value),
        "type" => given.ValueKind == JsonValueKind.Array ? given.EnumerateArray().Any(type => IsOf(type.GetString()!, value)) : IsOf(given.GetString()!, value),
        "const" => JsonElement.DeepEquals(given, value),
        "enum" => given.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value)),
        "anyOf" or "oneOf" => given.EnumerateArray().Any(part => Holds(part, value)),
        "properties" => value.ValueKind != JsonValueKind.Object || given.EnumerateObject().All(property => !value.TryGetProperty(property.Name, out var inner) || Holds(property.Value, inner)),
        "required" => value.ValueKind != JsonValueKind.Object || given.EnumerateArray().All(name => value.TryGetProperty(name.GetString()!, out _)),
        "additionalProperties" => value.ValueKind != JsonValueKind.Object || value.EnumerateObject().All(member =>
            (schema.TryGetProperty("properties", out var declared) && declared.TryGetProperty(member.Name, out _)) || Holds(given, member.Value)),
        "items" => value.ValueKind != JsonValueKind.Array || value.EnumerateArray().All(item => Holds(given, item)),
        "minItems" => value.ValueKind != JsonValueKind.Array || value.GetArrayLength() >= given.GetInt32(),
        "maxItems" => value.ValueKind != JsonValueKind.Array || value.GetArrayLength() <= given.GetInt32(),
        "minLength" => value.ValueKind != JsonValueKind.String || value.GetString()!.EnumerateRunes().Count() >= given.GetInt32(),
        "maxLength" => value.ValueKind != JsonValueKind.String || value.GetString()!.EnumerateRunes().Count() <= given.GetInt32(),
        "pattern" => value.ValueKind != JsonValueKind.String || Regex.IsMatch(value.GetString()!, given.GetString()!, RegexOptions.CultureInvariant),
        "format" => given.GetString() switch
        {
            "date" => DateOnly.TryParseExact(value.GetString(), "yyyy-MM-dd", out _) || value.GetString()!.StartsWith("0000", StringComparison.Ordinal),
            "date-time" => DateTimeOffset.TryParse(value.GetString(), System.Globalization.CultureInfo.InvariantCulture, out _)
                || Regex.IsMatch(value.GetString()!, "^0000|[+-](1[4-9]|2[0-3]):|^(0001-01-01|9999-12-)"),
            "uuid" => Guid.TryParseExact(value.GetString(), "D", out _),
            _ => throw new InvalidOperationException(given.GetString()),
        },
        "$defs" or "definitions" or "title" or "description" => true,
        _ => throw new InvalidOperationException($"The test does not know '{keyword}'."),
    };

    private JsonElement Find(string pointer) => pointer.Split('/').Skip(1).Aggregate(root, (element, name) => element.GetProperty(name));

    private static bool IsOf(string type, JsonElement value) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        _ => value.ValueKind == JsonValueKind.Null,
    };
}
