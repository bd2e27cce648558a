using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Coffer.Inference;
using Coffer.Tensors;

namespace Coffer.Remote.Tests.StandIn;

/// <summary>Tensors in the stand-ins' JSON.</summary>
internal static partial class JsonTensors
{
    /// <summary>A body whose numbers may be bare NaN and infinities.</summary>
    public static JsonDocument Parse(string json) => JsonDocument.Parse(Token().Replace(json, token => token.Value[0] == '"' ? token.Value : $"\"{token.Value}\""));

    /// <summary>All scalars in it, in order, and the shape of the arrays around them.</summary>
    public static Tensor ReadNested(JsonElement json, TensorDescription input)
    {
        var scalars = new List<JsonElement>();
        Collect(json, scalars);
        var shape = new List<long>();
        for (var level = json; level.ValueKind == JsonValueKind.Array; level = level[0])
        {
            shape.Add(level.GetArrayLength());
            if (level.GetArrayLength() == 0)
            {
                break;
            }
        }

        while (scalars.Count == 0 && shape.Count < input.Dimensions.Count)
        {
            shape.Add(input.Dimensions[shape.Count].Size ?? 0);
        }

        return ElementCodec.Of(input.ElementType).FromJson(scalars, shape.ToArray());
    }

    public static Tensor ReadFlat(JsonElement json, ElementType type, long[] shape)
    {
        var scalars = new List<JsonElement>();
        Collect(json, scalars);
        return ElementCodec.Of(type).FromJson(scalars, shape);
    }

    public static string WriteFlat(Tensor tensor) => $"[{string.Join(", ", ElementCodec.Of(tensor.ElementType).ToJson(tensor))}]";

    public static string WriteNested(Tensor tensor) => Nest(ElementCodec.Of(tensor.ElementType).ToJson(tensor), tensor.Shape.ToArray(), 0, 0);

    /// <summary>One row of it.</summary>
    public static string WriteRow(Tensor tensor, int row)
    {
        var elements = ElementCodec.Of(tensor.ElementType).ToJson(tensor);
        var length = elements.Count / (int)tensor.Shape[0];
        return Nest(elements, tensor.Shape.ToArray(), 1, row * length);
    }

    private static string Nest(IReadOnlyList<string> elements, long[] shape, int dimension, int start)
    {
        if (dimension == shape.Length)
        {
            return elements[start];
        }

        var length = (int)shape.Skip(dimension + 1).Aggregate(1L, (product, size) => product * size);
        var text = new StringBuilder("[");
        for (var i = 0; i < shape[dimension]; i++)
        {
            text.Append(i > 0 ? ", " : "").Append(Nest(elements, shape, dimension + 1, start + (i * length)));
        }

        return text.Append(']').ToString();
    }

    private static void Collect(JsonElement json, List<JsonElement> scalars)
    {
        if (json.ValueKind != JsonValueKind.Array)
        {
            scalars.Add(json);
            return;
        }

        foreach (var item in json.EnumerateArray())
        {
            Collect(item, scalars);
        }
    }

    /// <summary>A text, or a bare number.</summary>
    [GeneratedRegex("""
        "(?:[^"\\]|\\.)*"|NaN|-?Infinity
        """)]
    private static partial Regex Token();
}
