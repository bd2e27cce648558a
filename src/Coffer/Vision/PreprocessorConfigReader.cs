using System.Text.Json;
using Coffer.Inference;

namespace Coffer.Vision;

/// <summary>Reads the values of <c>preprocessor_config.json</c>, each of its type and within bounds; null is as good as absent.</summary>
internal readonly struct PreprocessorConfigReader(JsonElement json)
{
    // Sizes beyond this are a mistake, and would only be allocated for.
    private const int MaxEdge = 1 << 14;

    public static InferenceException Refuse(string what) => new(
        InferenceError.InvalidSettings,
        $"The model's preprocessor_config.json {what}. Correct the file and pack the model again, or update the SDK.");

    /// <summary>Whether the key is there, be it with null.</summary>
    public bool Has(string name) => json.TryGetProperty(name, out _);

    public ResampleFilter? Filter(string name)
    {
        if (!Present(name))
        {
            return null;
        }

        var value = json.GetProperty(name);
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && Enum.IsDefined((ResampleFilter)number)
            ? (ResampleFilter)number
            : throw Refuse($"has a {name} that is not one of Pillow's 0 to 5");
    }

    public ResizeConfig? Size(string name, bool square)
    {
        if (!Present(name))
        {
            return null;
        }

        var value = json.GetProperty(name);
        return value.ValueKind switch
        {
            JsonValueKind.Number => new ResizeConfig(Edge(value, name), square),
            JsonValueKind.Array when value.GetArrayLength() == 2 => new ResizeConfig(new PixelSize(Edge(value[1], name), Edge(value[0], name))),
            JsonValueKind.Object => OfObject(value, name),
            _ => throw Refuse($"has a {name} that is neither a number, a pair nor an object"),
        };
    }

    public float[]? PerChannel(string name, int channels)
    {
        if (!Present(name))
        {
            return null;
        }

        var value = json.GetProperty(name);
        var numbers = value.ValueKind switch
        {
            JsonValueKind.Number => Enumerable.Repeat(Finite(value, name), channels),
            JsonValueKind.Array => value.EnumerateArray().Select(element => Finite(element, name)),
            _ => throw Refuse($"has an {name} that is neither a number nor a list"),
        };
        var result = numbers.Select(number => (float)number).ToArray();
        return result.Length == channels ? result : throw Refuse($"has {result.Length} numbers in {name} for {channels} channels");
    }

    public double? Number(string name) => Present(name) ? Finite(json.GetProperty(name), name) : null;

    public bool Flag(string name, bool silent) => !Present(name) ? silent : json.GetProperty(name).ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Refuse($"has a {name} that is neither true nor false"),
    };

    public string? Text(string name) => !Present(name) ? null
        : json.GetProperty(name) is { ValueKind: JsonValueKind.String } value ? value.GetString()
        : throw Refuse($"has a {name} that is not text");

    public bool Present(string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;

    private static ResizeConfig OfObject(JsonElement value, string name)
    {
        var known = value.EnumerateObject().Where(member => member.Value.ValueKind != JsonValueKind.Null).ToDictionary(m => m.Name, m => Edge(m.Value, name));
        return known.Keys.Order(StringComparer.Ordinal).ToArray() switch
        {
            ["height", "width"] => new ResizeConfig(new PixelSize(known["width"], known["height"])),
            ["shortest_edge"] => new ResizeConfig(known["shortest_edge"], square: false),
            ["longest_edge", "shortest_edge"] => new ResizeConfig(new ResizeRule.ShortestWithin(known["shortest_edge"], known["longest_edge"])),
            _ => throw Refuse($"has a {name} with other keys than height and width, shortest_edge, or shortest_edge and longest_edge"),
        };
    }

    private static int Edge(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var edge) && edge is >= 1 and <= MaxEdge
            ? edge
            : throw Refuse($"has a {name} that is not a whole number of pixels from 1 to {MaxEdge}");

    private static double Finite(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) && float.IsFinite((float)number)
            ? number
            : throw Refuse($"has a {name} that is not a number");
}
