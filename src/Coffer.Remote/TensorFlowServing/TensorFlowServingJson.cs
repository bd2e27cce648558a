using System.Text.Encodings.Web;
using System.Text.Json;
using Coffer.Inference;

namespace Coffer.Remote;

/// <summary>The API's JSON: requests by column or by row, and replies of either form.</summary>
internal static class TensorFlowServingJson
{
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary><c>{"signature_name": …, "inputs": {"x": …}}</c>.</summary>
    public static void WriteColumns(PooledBody body, RemoteModelCall call, string? signatureName)
    {
        using var writer = Start(body, signatureName);
        writer.WriteStartObject("inputs"u8);
        foreach (var input in call.Inputs)
        {
            writer.WritePropertyName(input.Name);
            JsonTensorWriter.WriteNested(writer, input, row: null, IsEncoded(input));
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary><c>{"signature_name": …, "instances": [{"x": …}, …]}</c>.</summary>
    /// <exception cref="InferenceException">The inputs have not the same number of rows.</exception>
    public static void WriteRows(PooledBody body, RemoteModelCall call, string? signatureName, Action<Utf8JsonWriter>? more = null)
    {
        var rows = Rows(call);
        using var writer = Start(body, signatureName);
        writer.WriteStartArray("instances"u8);
        for (var row = 0; row < rows; row++)
        {
            writer.WriteStartObject();
            foreach (var input in call.Inputs)
            {
                writer.WritePropertyName(input.Name);
                JsonTensorWriter.WriteNested(writer, input, row, IsEncoded(input));
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        more?.Invoke(writer);
        writer.WriteEndObject();
    }

    public static void WriteExamples(PooledBody body, IReadOnlyList<TensorFlowExample> examples, string signatureName)
    {
        using var writer = Start(body, signatureName);
        writer.WriteStartArray("examples"u8);
        foreach (var example in examples)
        {
            TensorFlowExamples.Write(writer, example);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Reads <c>{"outputs": …}</c> or <c>{"predictions": […]}</c>.</summary>
    /// <exception cref="InvalidDataException">It is neither.</exception>
    public static void ReadReply(ReadOnlySpan<byte> json, RemoteModelCall call)
    {
        var builders = call.Outputs.ToDictionary(output => output.Name, JsonTensorBuilder.Create, StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var reader = new Utf8JsonReader(BareNumbers.Quote(json));
        RequireNext(ref reader, JsonTokenType.StartObject);
        var found = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isColumns = reader.ValueTextEquals("outputs"u8);
            if (!isColumns && !reader.ValueTextEquals("predictions"u8))
            {
                reader.Skip();
                continue;
            }

            if (found)
            {
                throw new InvalidDataException("it has outputs twice");
            }

            found = true;
            reader.Read();
            if (isColumns)
            {
                ReadValues(ref reader, call, builders, seen, depth: 0);
                Finish(builders, seen, rows: null);
            }
            else
            {
                var rows = ReadRows(ref reader, call, builders, seen);
                Finish(builders, rows == 0 ? builders.Keys : seen, rows);
            }
        }

        while (reader.Read())
        {
        }

        if (!found)
        {
            throw new InvalidDataException("it has neither outputs nor predictions");
        }
    }

    /// <summary>Reads the <c>results</c> of a classification: for each example, pairs of a label and a score.</summary>
    public static IReadOnlyList<IReadOnlyList<ClassScore>> ReadClasses(ReadOnlySpan<byte> json)
    {
        using var document = JsonDocument.Parse(BareNumbers.Quote(json).ToArray());
        return [.. Results(document).Select(Classes)];
    }

    /// <summary>Reads the <c>results</c> of a regression: for each example a number.</summary>
    public static IReadOnlyList<float> ReadValues(ReadOnlySpan<byte> json)
    {
        using var document = JsonDocument.Parse(BareNumbers.Quote(json).ToArray());
        return [.. Results(document).Select(Number)];
    }

    /// <summary>The API's rule: a name that ends so is of bytes.</summary>
    private static bool IsEncoded(RemoteTensor input) => input.Type == ElementType.String && input.Name.EndsWith("_bytes", StringComparison.Ordinal);

    private static Utf8JsonWriter Start(PooledBody body, string? signatureName)
    {
        var writer = new Utf8JsonWriter(body, WriterOptions);
        writer.WriteStartObject();
        if (signatureName is not null)
        {
            writer.WriteString("signature_name"u8, signatureName);
        }

        return writer;
    }

    private static int Rows(RemoteModelCall call)
    {
        var first = call.Inputs[0];
        foreach (var input in call.Inputs)
        {
            if (input.Shape.Length == 0 || input.Shape[0] != first.Shape[0])
            {
                throw new InferenceException(
                    InferenceError.NotCapable,
                    $"Inputs go row by row, but '{input.Name}' is [{string.Join(", ", input.Shape)}] and '{first.Name}' is [{string.Join(", ", first.Shape)}]. Choose the format by columns.");
            }
        }

        return (int)first.Shape[0];
    }

    private static long ReadRows(ref Utf8JsonReader reader, RemoteModelCall call, Dictionary<string, JsonTensorBuilder> builders, HashSet<string> seen)
    {
        Require(ref reader, JsonTokenType.StartArray);
        var rows = 0L;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            seen.Clear();
            ReadValues(ref reader, call, builders, seen, depth: 1);
            rows++;
        }

        return rows;
    }

    /// <summary>An output's value where there is only one, or all by name.</summary>
    private static void ReadValues(ref Utf8JsonReader reader, RemoteModelCall call, Dictionary<string, JsonTensorBuilder> builders, HashSet<string> seen, int depth)
    {
        if (reader.TokenType != JsonTokenType.StartObject || IsEncodedText(reader))
        {
            if (call.Outputs.Length != 1)
            {
                throw new InvalidDataException($"it has one output without a name, but {call.Outputs.Length} were asked for");
            }

            seen.Add(call.Outputs[0].Name);
            builders[call.Outputs[0].Name].Add(ref reader, depth);
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (!builders.TryGetValue(name, out var builder))
            {
                reader.Skip();
            }
            else if (seen.Add(name))
            {
                builder.Add(ref reader, depth);
            }
            else
            {
                throw new InvalidDataException($"output '{name}' is in it twice");
            }
        }
    }

    private static bool IsEncodedText(Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("b64"u8);

    private static void Finish(Dictionary<string, JsonTensorBuilder> builders, ICollection<string> names, long? rows)
    {
        foreach (var name in names)
        {
            builders[name].Finish(rows);
        }
    }

    private static JsonElement.ArrayEnumerator Results(JsonDocument document) =>
        document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("results", out var results) && results.ValueKind == JsonValueKind.Array
            ? results.EnumerateArray()
            : throw new InvalidDataException("it has no results");

    private static IReadOnlyList<ClassScore> Classes(JsonElement pairs)
    {
        var classes = new List<ClassScore>();
        foreach (var pair in pairs.ValueKind == JsonValueKind.Array ? pairs.EnumerateArray() : throw NoPairs())
        {
            classes.Add(pair.ValueKind == JsonValueKind.Array && pair.GetArrayLength() == 2 && pair[0].ValueKind == JsonValueKind.String
                ? new ClassScore(pair[0].GetString()!, classes.Count, Number(pair[1]))
                : throw NoPairs());
        }

        return classes;
    }

    private static InvalidDataException NoPairs() => new("a result is not a list of labels and scores");

    private static float Number(JsonElement element) => element.ValueKind == JsonValueKind.Number ? element.GetSingle() : element.ToString() switch
    {
        "NaN" => float.NaN,
        "Infinity" => float.PositiveInfinity,
        "-Infinity" => float.NegativeInfinity,
        _ => throw new InvalidDataException("a result is no number"),
    };

    private static void RequireNext(ref Utf8JsonReader reader, JsonTokenType type)
    {
        reader.Read();
        Require(ref reader, type);
    }

    private static void Require(ref Utf8JsonReader reader, JsonTokenType type)
    {
        if (reader.TokenType != type)
        {
            throw new InvalidDataException($"at byte {reader.TokenStartIndex} there is a {reader.TokenType} instead of a {type}");
        }
    }
}
