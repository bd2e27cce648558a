using System.Text.Json;
using static Coffer.Text.Constraints.SchemaKeywords;

namespace Coffer.Text.Constraints;

/// <summary>Turns a JSON schema into a network: each schema is a rule, so that one that refers to itself calls itself.</summary>
internal sealed class SchemaNetwork
{
    private const int MaxDepth = 64;

    private static readonly string[] Null = ["null"];

    private static readonly string[] Booleans = ["true", "false"];

    private static readonly string[] Unions = ["anyOf", "oneOf"];

    private readonly ByteNetwork _network = new();
    private readonly JsonNetwork _json;
    private readonly JsonElement _root;
    private readonly Dictionary<string, NetworkRule> _referred = new(StringComparer.Ordinal);
    private int _depth;

    private SchemaNetwork(JsonElement root)
    {
        _root = root;
        _json = new(_network);
    }

    public static ByteNetwork Build(string schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        try
        {
            using var document = JsonDocument.Parse(schema, new() { AllowDuplicateProperties = false });
            return Build(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new ConstraintException(ConstraintError.InvalidSchema, "The schema is not JSON, or has a name twice. Correct it.", e);
        }
    }

    public static ByteNetwork Build(JsonElement schema)
    {
        try
        {
            var builder = new SchemaNetwork(schema);
            builder._network.Freeze(builder.Refer("#"));
            return builder._network;
        }
        catch (InvalidOperationException e)
        {
            throw new ConstraintException(ConstraintError.InvalidSchema, "A text in the schema holds half a surrogate pair. Correct it.", e);
        }
    }

    /// <summary>The rule of a schema that a pointer names; made once, so that it can call itself.</summary>
    private NetworkRule Refer(string pointer)
    {
        if (_referred.TryGetValue(pointer, out var known))
        {
            return known;
        }

        var rule = _network.AddRule();
        _referred[pointer] = rule;
        Fill(rule, Resolve(pointer));
        return rule;
    }

    private JsonElement Resolve(string pointer)
    {
        var element = _root;
        foreach (var step in pointer.Split('/').Skip(1))
        {
            var name = Uri.UnescapeDataString(step).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            var found = element.ValueKind == JsonValueKind.Array
                ? int.TryParse(name, out var index) && index >= 0 && index < element.GetArrayLength() ? element[index] : (JsonElement?)null
                : element.Member(name);
            element = found ?? throw Invalid($"$ref '{TokenizerJson.Quote(pointer)}' leads nowhere");
        }

        return pointer == "#" || pointer.StartsWith("#/", StringComparison.Ordinal) ? element : throw Unsupported($"$ref '{TokenizerJson.Quote(pointer)}' to another document");
    }

    private NetworkRule RuleOf(JsonElement schema)
    {
        if (schema.ValueKind == JsonValueKind.True || (schema.ValueKind == JsonValueKind.Object && schema.EnumerateObject().All(member => Annotations.Contains(member.Name))))
        {
            return _json.Any;
        }

        var rule = _network.AddRule();
        Fill(rule, schema);
        return rule;
    }

    private void Fill(NetworkRule rule, JsonElement schema)
    {
        if (++_depth > MaxDepth)
        {
            throw new ConstraintException(ConstraintError.LimitExceeded, $"The schema nests deeper than {MaxDepth} levels. Use $ref.");
        }

        switch (schema.ValueKind)
        {
            case JsonValueKind.True:
                _network.AddCall(rule.Start, _json.Any, rule.End);
                break;
            case JsonValueKind.False:
                break;
            case JsonValueKind.Object:
                FillObject(rule, schema);
                break;
            default:
                throw Invalid("it is neither an object nor true or false");
        }

        _depth--;
    }

    private void FillObject(NetworkRule rule, JsonElement schema)
    {
        if (schema.TryGetProperty("$ref", out var reference))
        {
            Only(schema, "$ref");
            _network.AddCall(rule.Start, Refer(TextOf(reference, "$ref")), rule.End);
            return;
        }

        foreach (var union in Unions.Where(name => schema.TryGetProperty(name, out _)))
        {
            Only(schema, union);
            foreach (var part in List(schema.GetProperty(union), union))
            {
                _network.AddCall(rule.Start, RuleOf(part), rule.End);
            }

            return;
        }

        if (schema.TryGetProperty("const", out var constant) || schema.TryGetProperty("enum", out constant))
        {
            FillLiterals(rule, schema, constant);
            return;
        }

        Only(schema, Assertions);
        foreach (var type in TypesOf(schema))
        {
            FillType(rule, schema, type);
        }
    }

    private void FillLiterals(NetworkRule rule, JsonElement schema, JsonElement values)
    {
        var keyword = schema.TryGetProperty("const", out _) ? "const" : "enum";
        Only(schema, keyword, "type");
        var types = schema.TryGetProperty("type", out _) ? TypesOf(schema).ToArray() : Types;
        foreach (var value in keyword == "const" ? [values] : List(values, keyword))
        {
            if (types.Any(type => IsOf(value, type)))
            {
                _network.AddEmpty(_json.AddText(rule.Start, Literal(value)), rule.End);
            }
        }
    }

    private void FillType(NetworkRule rule, JsonElement schema, string type)
    {
        switch (type)
        {
            case "object":
                _network.AddCall(rule.Start, ObjectRule(schema), rule.End, counts: true);
                break;
            case "array":
                var item = schema.TryGetProperty("items", out var items) ? RuleOf(items) : _json.Any;
                var (minimum, maximum) = Limits(schema, "minItems", "maxItems");
                _network.AddCall(rule.Start, _json.MakeRule(from => _json.AddArray(from, item, minimum, maximum)), rule.End, counts: true);
                break;
            case "string":
                _network.AddEmpty(AddString(rule.Start, schema), rule.End);
                break;
            case "integer":
                _network.AddEmpty(_json.AddInteger(rule.Start), rule.End);
                break;
            case "number":
                _network.AddEmpty(_json.AddNumber(rule.Start), rule.End);
                break;
            default:
                foreach (var word in type == "null" ? Null : Booleans)
                {
                    _network.AddEmpty(_json.AddText(rule.Start, word), rule.End);
                }

                break;
        }
    }

    private int AddString(int from, JsonElement schema)
    {
        var (minimum, maximum) = Limits(schema, "minLength", "maxLength");
        var pattern = schema.TryGetProperty("pattern", out var given) ? TextOf(given, "pattern") : null;
        var format = schema.TryGetProperty("format", out given) ? FormatOf(TextOf(given, "format")) : null;
        if ((pattern ?? format) is null)
        {
            return _json.Strings.AddString(from, minimum, maximum);
        }

        return pattern is null != format is null && minimum == 0 && maximum is null
            ? _json.Strings.AddMatching(from, (pattern ?? format)!)
            : throw Unsupported("more than one of 'pattern', 'format' and limits of a string's length together");
    }

    private NetworkRule ObjectRule(JsonElement schema)
    {
        var declared = schema.TryGetProperty("properties", out var given) ? given : default;
        var required = schema.TryGetProperty("required", out given) ? List(given, "required").Select(name => TextOf(name, "required")).ToHashSet(StringComparer.Ordinal) : [];
        var properties = new List<(string Name, NetworkRule Value, bool IsRequired)>();
        if (declared.ValueKind is not (JsonValueKind.Object or JsonValueKind.Undefined))
        {
            throw Invalid("'properties' is not an object");
        }

        foreach (var property in declared.ValueKind == JsonValueKind.Object ? declared.EnumerateObject().ToArray() : [])
        {
            properties.Add((property.Name, RuleOf(property.Value), required.Remove(property.Name)));
        }

        if (required.Count > 0)
        {
            throw Unsupported($"'required' with '{TokenizerJson.Quote(required.First())}', which 'properties' does not declare");
        }

        var hasMore = schema.TryGetProperty("additionalProperties", out var more);
        if (properties.Count > 0 && hasMore && more.ValueKind == JsonValueKind.Object)
        {
            throw Unsupported("'additionalProperties' with a schema beside 'properties'");
        }

        return properties.Count > 0 || (hasMore && more.ValueKind == JsonValueKind.False)
            ? _json.MakeRule(from => _json.AddObject(from, properties))
            : MapRule(hasMore ? RuleOf(more) : _json.Any);
    }

    private NetworkRule MapRule(NetworkRule value) => _json.MakeRule(from => _json.AddMap(from, value));
}
