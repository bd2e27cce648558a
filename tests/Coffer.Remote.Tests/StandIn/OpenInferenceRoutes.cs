using System.Globalization;
using System.Text;
using System.Text.Json;
using Coffer.Inference;
using Coffer.Tensors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Coffer.Remote.Tests.StandIn;

/// <summary>The Open Inference Protocol over HTTP, with the binary tensor extension.</summary>
internal static class OpenInferenceRoutes
{
    private const string HeaderLength = "Inference-Header-Content-Length";

    public static void Map(WebApplication application, StandInServer server)
    {
        application.MapGet("/v2/health/ready", () => Results.Ok());
        application.MapGet("/v2/models/{name}/ready", (string name) => server.Models.ContainsKey(name) ? Results.Ok() : Results.BadRequest());
        application.MapGet("/v2/models/{name}", (string name) => server.Models.TryGetValue(name, out var graph)
            ? Results.Text($$"""{"name": "{{name}}", "platform": "stand-in", "inputs": [{{Describe(graph.Inputs)}}], "outputs": [{{Describe(graph.Outputs)}}]}""", "application/json")
            : Results.Json(new { error = $"no model {name}" }, statusCode: 404));
        application.MapPost("/v2/models/{name}/infer", context => InferAsync(server, (string)context.Request.RouteValues["name"]!, context));
    }

    public static async Task InferAsync(StandInServer server, string model, HttpContext context)
    {
        using var memory = new MemoryStream();
        await context.Request.Body.CopyToAsync(memory, context.RequestAborted);
        var body = memory.ToArray();
        var headLength = context.Request.Headers.TryGetValue(HeaderLength, out var header) ? int.Parse(header!, CultureInfo.InvariantCulture) : body.Length;
        using var head = JsonTensors.Parse(Encoding.UTF8.GetString(body, 0, headLength));
        var inputs = ReadInputs(head.RootElement, body.AsSpan(headLength), server.Models[model].Inputs);
        var outputs = await server.RunAsync(model, inputs, context.RequestAborted);
        await WriteAsync(context, model, head.RootElement.GetProperty("outputs"), outputs);
    }

    private static Dictionary<string, Tensor> ReadInputs(JsonElement head, ReadOnlySpan<byte> raw, IReadOnlyList<TensorDescription> descriptions)
    {
        var inputs = new Dictionary<string, Tensor>();
        foreach (var tensor in head.GetProperty("inputs").EnumerateArray())
        {
            var name = tensor.GetProperty("name").GetString()!;
            var codec = ElementCodec.Of(descriptions.Single(input => input.Name == name).ElementType);
            Assert.Equal(codec.OpenName, tensor.GetProperty("datatype").GetString());
            long[] shape = [.. tensor.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())];
            if (tensor.TryGetProperty("parameters", out var parameters))
            {
                var size = parameters.GetProperty("binary_data_size").GetInt32();
                inputs[name] = codec.FromRaw(raw[..size], shape);
                raw = raw[size..];
            }
            else
            {
                inputs[name] = JsonTensors.ReadFlat(tensor.GetProperty("data"), descriptions.Single(input => input.Name == name).ElementType, shape);
            }
        }

        Assert.True(raw.IsEmpty);
        return inputs;
    }

    private static async Task WriteAsync(HttpContext context, string model, JsonElement wanted, IReadOnlyDictionary<string, Tensor> outputs)
    {
        var heads = new List<string>();
        var isBinary = false;
        using var raw = new MemoryStream();
        foreach (var output in wanted.EnumerateArray())
        {
            var name = output.GetProperty("name").GetString()!;
            if (!outputs.TryGetValue(name, out var tensor))
            {
                continue;
            }

            var codec = ElementCodec.Of(tensor.ElementType);
            var shape = $"[{string.Join(", ", tensor.Shape.ToArray())}]";
            if (output.TryGetProperty("parameters", out var parameters) && parameters.GetProperty("binary_data").GetBoolean())
            {
                isBinary = true;
                var bytes = codec.ToRaw(tensor);
                raw.Write(bytes);
                heads.Add($$"""{"name": "{{name}}", "datatype": "{{codec.OpenName}}", "shape": {{shape}}, "parameters": {"binary_data_size": {{bytes.Length}} } }""");
            }
            else
            {
                // The data first: the order of an object's members means nothing.
                heads.Add($$"""{"data": {{JsonTensors.WriteFlat(tensor)}}, "shape": {{shape}}, "datatype": "{{codec.OpenName}}", "name": "{{name}}"}""");
            }
        }

        var head = Encoding.UTF8.GetBytes($$"""{"model_name": "{{model}}", "id": "", "outputs": [{{string.Join(", ", heads)}}]}""");
        context.Response.ContentType = isBinary ? "application/octet-stream" : "application/json";
        if (isBinary)
        {
            context.Response.Headers[HeaderLength] = head.Length.ToString(CultureInfo.InvariantCulture);
        }

        await context.Response.Body.WriteAsync((byte[])[.. head, .. raw.ToArray()], context.RequestAborted);
    }

    private static string Describe(IReadOnlyList<TensorDescription> tensors) => string.Join(", ", tensors.Select(tensor =>
        $$"""{"name": "{{tensor.Name}}", "datatype": "{{ElementCodec.Of(tensor.ElementType).OpenName}}", "shape": [{{string.Join(", ", tensor.Dimensions.Select(dimension => dimension.Size ?? -1))}}]}"""));
}
