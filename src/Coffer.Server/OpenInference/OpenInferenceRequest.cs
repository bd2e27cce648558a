using System.Runtime.InteropServices;
using System.Text.Json;
using Coffer.Remote;

namespace Coffer.Server;

/// <summary>A request for inference in the protocol's JSON, with tensors in it or behind it.</summary>
internal sealed class OpenInferenceRequest
{
    /// <summary>The caller's name for it; empty for none.</summary>
    public string Id { get; private set; } = "";

    public List<RemoteTensor> Inputs { get; } = [];

    /// <summary>The outputs that are wanted, and which of them as bytes behind the JSON. Empty for all.</summary>
    public List<(string Name, bool? IsBinary)> Outputs { get; } = [];

    /// <summary>Whether outputs go behind the JSON where nothing is said of one.</summary>
    public bool IsBinary { get; private set; }

    /// <summary>Reads the JSON, then takes the tensors that follow it where they are: the body must outlive the run.</summary>
    /// <exception cref="InvalidDataException">It is not what the protocol says.</exception>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static OpenInferenceRequest Read(ReadOnlyMemory<byte> body, int headLength, ServedGraph graph)
    {
        try
        {
            return ReadAll(body, headLength, graph);
        }
        catch (InvalidOperationException e)
        {
            // What the reader throws for a text with bytes, or halves of surrogates, that are none.
            throw new InvalidDataException("a text in it is not Unicode", e);
        }
    }

    private static OpenInferenceRequest ReadAll(ReadOnlyMemory<byte> body, int headLength, ServedGraph graph)
    {
        if (headLength < 0 || headLength > body.Length)
        {
            throw new InvalidDataException($"its JSON is said to have {headLength} bytes, of {body.Length}");
        }

        var request = new OpenInferenceRequest();
        var head = BareNumbers.Quote(body.Span[..headLength]);
        var tensors = request.ReadHead(head);
        var rest = body[headLength..];
        foreach (var tensor in tensors)
        {
            var input = graph.Input(tensor.Name);
            OpenInferenceTypes.RequireType(input, tensor.Datatype);
            if (tensor.BinarySize is { } size)
            {
                if (size < 0 || size > rest.Length)
                {
                    throw new InvalidDataException($"{input.Label} is said to have {size} bytes, and {rest.Length} are left");
                }

                OpenInferenceContents.ReadRaw(input, CollectionsMarshal.AsSpan(tensor.Shape), rest[..(int)size]);
                rest = rest[(int)size..];
            }
            else
            {
                OpenInferenceJson.ReadData(head, tensor, input);
            }

            request.Inputs.Add(input);
        }

        return rest.IsEmpty ? request : throw new InvalidDataException($"{rest.Length} bytes follow its last tensor");
    }

    private IReadOnlyList<OpenInferenceOutputHead> ReadHead(ReadOnlySpan<byte> json)
    {
        // One description is read for both directions: a tensor is said the same way in a request and in a reply.
        var inputs = OpenInferenceJson.ReadHeads(json, "inputs"u8);
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("id"u8) && reader.Read() && reader.TokenType == JsonTokenType.String)
            {
                Id = reader.GetString()!;
            }
            else if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("parameters"u8))
            {
                IsBinary = ReadFlag(ref reader, "binary_data_output"u8) ?? false;
            }
            else if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("outputs"u8))
            {
                ReadOutputs(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        return inputs;
    }

    private void ReadOutputs(ref Utf8JsonReader reader)
    {
        Require(ref reader, JsonTokenType.StartArray);
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            (string Name, bool? IsBinary) output = ("", null);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("name"u8))
                {
                    Require(ref reader, JsonTokenType.String);
                    output.Name = reader.GetString()!;
                }
                else if (reader.ValueTextEquals("parameters"u8))
                {
                    output.IsBinary = ReadFlag(ref reader, "binary_data"u8);
                }
                else
                {
                    reader.Skip();
                }
            }

            Outputs.Add(output);
        }

        if (reader.TokenType != JsonTokenType.EndArray)
        {
            throw new InvalidDataException("an entry of its outputs is no object");
        }
    }

    /// <summary>One boolean of an object of parameters; null if it is not there.</summary>
    private static bool? ReadFlag(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        Require(ref reader, JsonTokenType.StartObject);
        bool? flag = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals(name))
            {
                reader.Read();
                flag = reader.TokenType is JsonTokenType.True or JsonTokenType.False ? reader.GetBoolean() : throw new InvalidDataException("a parameter that is a flag is neither true nor false");
            }
            else
            {
                reader.Skip();
            }
        }

        return flag;
    }

    private static void Require(ref Utf8JsonReader reader, JsonTokenType type)
    {
        reader.Read();
        if (reader.TokenType != type)
        {
            throw new InvalidDataException($"at byte {reader.TokenStartIndex} there is a {reader.TokenType} instead of a {type}");
        }
    }
}
