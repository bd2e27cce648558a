using System.Globalization;
using System.Text.Json;
using Coffer.Inference;
using Coffer.Remote;
using Microsoft.AspNetCore.Http;

namespace Coffer.Server;

/// <summary>A reply to a request for inference: JSON, with the tensors in it or behind it.</summary>
internal sealed class OpenInferenceReply : IDisposable
{
    public const string HeaderLength = "Inference-Header-Content-Length";

    private readonly PooledBody _body = RestBody.Create();
    private readonly PooledBody _raw = RestBody.Create();
    private bool _isBinary;

    /// <summary>Takes the outputs while the call holds them.</summary>
    public static OpenInferenceReply Of(ServedGraph graph, OpenInferenceRequest request, IReadOnlyList<(TensorDescription Tensor, bool IsBinary)> outputs, IModelCall call)
    {
        var reply = new OpenInferenceReply();
        try
        {
            reply.Write(graph, request.Id, outputs, call);
            return reply;
        }
        catch
        {
            reply.Dispose();
            throw;
        }
    }

    public async Task SendAsync(HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = _isBinary ? "application/octet-stream" : "application/json";
        response.ContentLength = _body.Written.Length + _raw.Written.Length;
        if (_isBinary)
        {
            response.Headers[HeaderLength] = _body.Written.Length.ToString(CultureInfo.InvariantCulture);
        }

        await response.Body.WriteAsync(_body.Written, context.RequestAborted).ConfigureAwait(false);
        if (!_raw.Written.IsEmpty)
        {
            await response.Body.WriteAsync(_raw.Written, context.RequestAborted).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        _body.Dispose();
        _raw.Dispose();
    }

    private void Write(ServedGraph graph, string id, IReadOnlyList<(TensorDescription Tensor, bool IsBinary)> outputs, IModelCall call)
    {
        using var writer = new Utf8JsonWriter(_body, RestReply.WriterOptions);
        writer.WriteStartObject();
        writer.WriteString("model_name"u8, graph.Name);
        writer.WriteString("model_version"u8, graph.Model.Version);
        if (id.Length > 0)
        {
            writer.WriteString("id"u8, id);
        }

        writer.WriteStartArray("outputs"u8);
        foreach (var (tensor, isBinary) in outputs)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, tensor.Name);
            writer.WriteString("datatype"u8, OpenInferenceTypes.ToDatatype(tensor.ElementType));
            writer.WriteStartArray("shape"u8);
            foreach (var size in call.OutputShape(tensor.Name))
            {
                writer.WriteNumberValue(size);
            }

            writer.WriteEndArray();
            if (isBinary)
            {
                writer.WriteStartObject("parameters"u8);
                writer.WriteNumber("binary_data_size"u8, WriteRaw(call, tensor));
                writer.WriteEndObject();
            }
            else
            {
                writer.WritePropertyName("data"u8);
                JsonTensorWriter.WriteFlat(writer, TensorTransfer.Copy(call, graph.Name, tensor));
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private int WriteRaw(IModelCall call, TensorDescription tensor)
    {
        _isBinary = true;
        if (tensor.ElementType == ElementType.String)
        {
            var before = _raw.Written.Length;
            TextBytes.WriteRaw(_raw, call.Output<string>(tensor.Name));
            return _raw.Written.Length - before;
        }

        var bytes = TensorTransfer.Bytes(call, tensor);
        bytes.CopyTo(_raw.GetSpan(bytes.Length));
        _raw.Advance(bytes.Length);
        return bytes.Length;
    }
}
