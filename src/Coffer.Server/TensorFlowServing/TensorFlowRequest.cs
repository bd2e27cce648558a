using System.Text.Json;
using Coffer.Remote;

namespace Coffer.Server;

/// <summary>A predict request of TensorFlow Serving's REST API: by row (<c>instances</c>) or by column (<c>inputs</c>).</summary>
internal sealed class TensorFlowRequest
{
    private const string DefaultSignature = "serving_default";

    private readonly ServedGraph _graph;
    private readonly List<(RemoteTensor Input, JsonTensorBuilder Builder, long Rows)> _inputs = [];
    private bool _found;

    private TensorFlowRequest(ServedGraph graph) => _graph = graph;

    /// <summary>How many rows there are; null where the request is by column.</summary>
    public long? Rows { get; private set; }

    public IReadOnlyList<RemoteTensor> Inputs => [.. _inputs.Select(input => input.Input)];

    /// <exception cref="InvalidDataException">It is not what the API says.</exception>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static TensorFlowRequest Read(ReadOnlySpan<byte> body, ServedGraph graph)
    {
        try
        {
            return ReadAll(body, graph);
        }
        catch (InvalidOperationException e)
        {
            // What the reader throws for a text with bytes, or halves of surrogates, that are none.
            throw new InvalidDataException("a text in it is not Unicode", e);
        }
    }

    private static TensorFlowRequest ReadAll(ReadOnlySpan<byte> body, ServedGraph graph)
    {
        var request = new TensorFlowRequest(graph);
        var reader = new Utf8JsonReader(BareNumbers.Quote(body));
        Require(ref reader, JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isRows = reader.ValueTextEquals("instances"u8);
            if (isRows || reader.ValueTextEquals("inputs"u8))
            {
                if (request._found)
                {
                    throw new InvalidDataException("it has both instances and inputs, or one of them twice");
                }

                request._found = true;
                reader.Read();
                if (isRows)
                {
                    request.ReadRows(ref reader);
                }
                else
                {
                    request.ReadColumns(ref reader);
                }
            }
            else if (reader.ValueTextEquals("signature_name"u8))
            {
                Require(ref reader, JsonTokenType.String);
                if (reader.GetString() is not ("" or DefaultSignature))
                {
                    throw ServingException.NotFound($"Model '{graph.Name}' has one signature, '{DefaultSignature}'.");
                }
            }
            else
            {
                reader.Skip();
            }
        }

        // The rest must be JSON too.
        while (reader.Read())
        {
        }

        return request._found ? request : throw new InvalidDataException("it has neither instances nor inputs");
    }

    private void ReadColumns(ref Utf8JsonReader reader)
    {
        if (IsNamed(reader))
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var builder = BuilderOf(reader.GetString()!, rows: 0);
                reader.Read();
                builder.Add(ref reader);
            }
        }
        else
        {
            BuilderOf(OnlyInput(), rows: 0).Add(ref reader);
        }

        foreach (var (_, builder, _) in _inputs)
        {
            builder.Finish();
        }
    }

    private void ReadRows(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new InvalidDataException("its instances are no list");
        }

        var rows = 0L;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (IsNamed(reader))
            {
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    var builder = BuilderOf(reader.GetString()!, rows);
                    reader.Read();
                    builder.Add(ref reader, depth: 1);
                }
            }
            else
            {
                BuilderOf(OnlyInput(), rows).Add(ref reader, depth: 1);
            }

            rows++;
        }

        if (rows == 0)
        {
            foreach (var description in _graph.Signature.Inputs)
            {
                BuilderOf(description.Name, rows: 0);
            }
        }

        foreach (var (input, builder, count) in _inputs)
        {
            if (count != rows && rows > 0)
            {
                throw new InvalidDataException($"{input.Label} is in {count} of its {rows} instances");
            }

            builder.Finish(rows);
        }

        Rows = rows;
    }

    private JsonTensorBuilder BuilderOf(string name, long rows)
    {
        for (var i = 0; i < _inputs.Count; i++)
        {
            if (_inputs[i].Input.Name == name)
            {
                if (_inputs[i].Rows != rows)
                {
                    throw new InvalidDataException($"{_inputs[i].Input.Label} is missing in an instance, or in it twice");
                }

                _inputs[i] = _inputs[i] with { Rows = rows + 1 };
                return _inputs[i].Builder;
            }
        }

        var input = _graph.Input(name);
        if (rows > 0)
        {
            throw new InvalidDataException($"{input.Label} is not in the first of its instances");
        }

        var builder = JsonTensorBuilder.Create(input);
        _inputs.Add((input, builder, Rows: 1));
        return builder;
    }

    private string OnlyInput() => _graph.Signature.Inputs is [var only]
        ? only.Name
        : throw new InvalidDataException($"model '{_graph.Name}' has several inputs: name them, as in {{\"{_graph.Signature.Inputs[0].Name}\": …}}");

    /// <summary>Whether an object names inputs; <c>{"b64": …}</c> is a value, unless the model has an input of that name.</summary>
    private bool IsNamed(Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        return !reader.Read() || reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals("b64"u8) || _graph.Signature.Inputs.Any(input => input.Name == "b64");
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
