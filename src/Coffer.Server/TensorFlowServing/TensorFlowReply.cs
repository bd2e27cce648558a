using System.Text.Json;
using Coffer.Inference;
using Coffer.Remote;

namespace Coffer.Server;

/// <summary>The replies of TensorFlow Serving's REST API.</summary>
internal static class TensorFlowReply
{
    /// <summary><c>{"predictions": […]}</c> for a request by row, <c>{"outputs": …}</c> for one by column. One output alone goes without its name.</summary>
    public static PooledBody Of(ServedGraph graph, long? rows, IModelCall call)
    {
        var outputs = graph.Outputs.Select(output => TensorTransfer.Copy(call, graph.Name, output)).ToArray();
        if (rows is { } count && outputs.FirstOrDefault(output => output.Shape.Length == 0 || output.Shape[0] != count) is { } other)
        {
            throw ServingException.Invalid($"The request has {count} instances, and {other.Label} is [{string.Join(", ", other.Shape)}]: it does not go by row. Use inputs instead of instances.");
        }

        var body = RestBody.Create();
        using var writer = new Utf8JsonWriter(body, RestReply.WriterOptions);
        writer.WriteStartObject();
        if (rows is null)
        {
            writer.WritePropertyName("outputs"u8);
            WriteOutputs(writer, outputs, row: null);
        }
        else
        {
            writer.WriteStartArray("predictions"u8);
            for (var row = 0; row < rows; row++)
            {
                WriteOutputs(writer, outputs, row);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        return body;
    }

    public static void WriteStatus(Utf8JsonWriter writer, IEnumerable<(string Version, long Sequence, ModelState State, string Reason)> versions)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("model_version_status"u8);
        foreach (var (_, sequence, state, reason) in versions)
        {
            writer.WriteStartObject();
            writer.WriteString("version"u8, sequence.ToString(System.Globalization.CultureInfo.InvariantCulture));
            writer.WriteString("state"u8, state switch { ModelState.Ready => "AVAILABLE", ModelState.Loading => "LOADING", _ => "END" });
            writer.WriteStartObject("status"u8);
            writer.WriteString("error_code"u8, state == ModelState.Failed ? "UNKNOWN" : "OK");
            writer.WriteString("error_message"u8, state == ModelState.Failed ? reason : "");
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    public static void WriteMetadata(Utf8JsonWriter writer, ServedGraph graph)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("model_spec"u8);
        writer.WriteString("name"u8, graph.Name);
        writer.WriteString("signature_name"u8, "");
        writer.WriteString("version"u8, graph.Model.Sequence.ToString(System.Globalization.CultureInfo.InvariantCulture));
        writer.WriteEndObject();
        foreach (var member in (string[])["metadata", "signature_def", "signature_def", "serving_default"])
        {
            writer.WriteStartObject(member);
        }

        WriteTensors(writer, "inputs", graph.Signature.Inputs);
        WriteTensors(writer, "outputs", graph.Outputs);
        writer.WriteString("method_name"u8, "tensorflow/serving/predict");
        for (var i = 0; i < 5; i++)
        {
            writer.WriteEndObject();
        }
    }

    private static void WriteOutputs(Utf8JsonWriter writer, RemoteTensor[] outputs, int? row)
    {
        if (outputs is [var only])
        {
            Write(writer, only, row);
            return;
        }

        writer.WriteStartObject();
        foreach (var output in outputs)
        {
            writer.WritePropertyName(output.Name);
            Write(writer, output, row);
        }

        writer.WriteEndObject();
    }

    // The API's rule: a name that ends so is of bytes, and bytes are base64.
    private static void Write(Utf8JsonWriter writer, RemoteTensor output, int? row) =>
        JsonTensorWriter.WriteNested(writer, output, row, output.Type == ElementType.String && output.Name.EndsWith("_bytes", StringComparison.Ordinal));

    private static void WriteTensors(Utf8JsonWriter writer, string member, IEnumerable<TensorDescription> tensors)
    {
        writer.WriteStartObject(member);
        foreach (var tensor in tensors)
        {
            writer.WriteStartObject(tensor.Name);
            writer.WriteString("dtype"u8, TensorFlowTypes.ToName(tensor.ElementType));
            writer.WriteString("name"u8, tensor.Name);
            writer.WriteStartObject("tensor_shape"u8);
            writer.WriteBoolean("unknown_rank"u8, tensor.AnyRank);
            writer.WriteStartArray("dim"u8);
            foreach (var dimension in tensor.Dimensions)
            {
                writer.WriteStartObject();
                writer.WriteString("size"u8, (dimension.Size ?? -1).ToString(System.Globalization.CultureInfo.InvariantCulture));
                writer.WriteString("name"u8, dimension.Symbol);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }
}
