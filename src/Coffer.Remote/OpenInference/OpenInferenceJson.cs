using System.Text.Encodings.Web;
using System.Text.Json;

namespace Coffer.Remote;

/// <summary>The protocol's JSON: requests from a call's inputs, replies into its outputs.</summary>
internal static class OpenInferenceJson
{
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <param name="body">Gets the text.</param>
    /// <param name="call">Whose inputs are written.</param>
    /// <param name="binarySizes">The bytes of each input where they follow the JSON; null to write the elements into it.</param>
    public static void WriteRequest(PooledBody body, RemoteModelCall call, IReadOnlyList<int>? binarySizes)
    {
        using var writer = new Utf8JsonWriter(body, WriterOptions);
        writer.WriteStartObject();
        writer.WriteStartArray("inputs"u8);
        for (var i = 0; i < call.Inputs.Length; i++)
        {
            WriteInput(writer, call.Inputs[i], binarySizes?[i]);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("outputs"u8);
        foreach (var output in call.Outputs)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, output.Name);
            if (binarySizes is not null)
            {
                writer.WriteStartObject("parameters"u8);
                writer.WriteBoolean("binary_data"u8, true);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Reads a reply whose data is in the JSON.</summary>
    /// <exception cref="InvalidDataException">It is not what the protocol says.</exception>
    public static void ReadReply(ReadOnlySpan<byte> json, RemoteModelCall call)
    {
        json = BareNumbers.Quote(json);
        foreach (var head in ReadHeads(json))
        {
            if (Find(call, head) is { } output)
            {
                ReadData(json, head, output);
            }
        }
    }

    /// <summary>What a reply says about its outputs, in its order.</summary>
    public static IReadOnlyList<OpenInferenceOutputHead> ReadHeads(ReadOnlySpan<byte> json) => ReadHeads(json, "outputs"u8);

    /// <summary>What a message says about its tensors, in its order.</summary>
    /// <param name="json">The message.</param>
    /// <param name="member">Where it says so: <c>outputs</c> of a reply, <c>inputs</c> of a request.</param>
    public static IReadOnlyList<OpenInferenceOutputHead> ReadHeads(ReadOnlySpan<byte> json, ReadOnlySpan<byte> member)
    {
        var heads = new List<OpenInferenceOutputHead>();
        var reader = new Utf8JsonReader(json);
        RequireNext(ref reader, JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!reader.ValueTextEquals(member))
            {
                reader.Skip();
                continue;
            }

            RequireNext(ref reader, JsonTokenType.StartArray);
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                Require(ref reader, JsonTokenType.StartObject);
                heads.Add(ReadHead(ref reader));
            }
        }

        // The rest must be JSON too.
        while (reader.Read())
        {
        }

        return heads;
    }

    /// <summary>The output that is meant; null for one that nobody asked for.</summary>
    public static RemoteTensor? Find(RemoteModelCall call, OpenInferenceOutputHead head)
    {
        var output = Array.Find(call.Outputs, candidate => candidate.Name == head.Name);
        if (output is null)
        {
            return null;
        }

        OpenInferenceTypes.RequireType(output, head.Datatype);
        return output.IsFilled ? throw new InvalidDataException($"output '{output.Name}' is in it twice") : output;
    }

    public static void ReadData(ReadOnlySpan<byte> json, OpenInferenceOutputHead head, RemoteTensor output)
    {
        if (head.DataStart < 0)
        {
            throw new InvalidDataException($"{output.Label} has no data");
        }

        var reader = new Utf8JsonReader(json[head.DataStart..]);
        reader.Read();
        Require(ref reader, JsonTokenType.StartArray);
        var builder = JsonTensorBuilder.Create(output);
        builder.Add(ref reader);
        builder.Finish(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(head.Shape));
    }

    private static void WriteInput(Utf8JsonWriter writer, RemoteTensor input, int? binarySize)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, input.Name);
        writer.WriteStartArray("shape"u8);
        foreach (var size in input.Shape)
        {
            writer.WriteNumberValue(size);
        }

        writer.WriteEndArray();
        writer.WriteString("datatype"u8, OpenInferenceTypes.ToDatatype(input.Type));
        if (binarySize is { } length)
        {
            writer.WriteStartObject("parameters"u8);
            writer.WriteNumber("binary_data_size"u8, length);
            writer.WriteEndObject();
        }
        else
        {
            writer.WritePropertyName("data"u8);
            JsonTensorWriter.WriteFlat(writer, input);
        }

        writer.WriteEndObject();
    }

    private static OpenInferenceOutputHead ReadHead(ref Utf8JsonReader reader)
    {
        var head = new OpenInferenceOutputHead();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("name"u8))
            {
                RequireNext(ref reader, JsonTokenType.String);
                head.Name = reader.GetString()!;
            }
            else if (reader.ValueTextEquals("datatype"u8))
            {
                RequireNext(ref reader, JsonTokenType.String);
                head.Datatype = reader.GetString()!;
            }
            else if (reader.ValueTextEquals("shape"u8))
            {
                RequireNext(ref reader, JsonTokenType.StartArray);
                head.Shape.Clear();
                while (reader.Read() && reader.TokenType == JsonTokenType.Number)
                {
                    head.Shape.Add(reader.GetInt64());
                }

                Require(ref reader, JsonTokenType.EndArray);
            }
            else if (reader.ValueTextEquals("data"u8))
            {
                reader.Read();
                head.DataStart = (int)reader.TokenStartIndex;
                reader.Skip();
            }
            else if (reader.ValueTextEquals("parameters"u8))
            {
                ReadParameters(ref reader, head);
            }
            else
            {
                reader.Skip();
            }
        }

        return head;
    }

    private static void ReadParameters(ref Utf8JsonReader reader, OpenInferenceOutputHead head)
    {
        RequireNext(ref reader, JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("binary_data_size"u8))
            {
                RequireNext(ref reader, JsonTokenType.Number);
                head.BinarySize = reader.GetInt64();
            }
            else
            {
                reader.Skip();
            }
        }
    }

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
