using System.Globalization;
using System.Text.Json;
using Coffer.Inference;
using Coffer.Remote;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Coffer.Server;

/// <summary>
/// Open Inference Protocol v2 over HTTP (https://github.com/kserve/open-inference-protocol), with the binary tensor extension and, where
/// the server allows it, the model repository extension of Triton.
/// </summary>
internal static class OpenInferenceRoutes
{
    private const string Model = "/v2/models/{model}";
    private const string Version = "/v2/models/{model}/versions/{version}";

    public static void Map(IEndpointRouteBuilder routes, ServingCore core)
    {
        routes.MapGet("/v2", context => RestReply.WriteJsonAsync(context, StatusCodes.Status200OK, writer => WriteServer(writer, core)));
        routes.MapGet("/v2/health/live", context => WriteFlagAsync(context, "live", isSo: true));
        routes.MapGet("/v2/health/ready", context => WriteFlagAsync(context, "ready", core.IsReady));
        foreach (var prefix in (string[])[Model, Version])
        {
            routes.MapGet(prefix, context => core.AnswerAsync(context, () => WriteModelAsync(context, core)));
            routes.MapGet($"{prefix}/ready", context => core.AnswerAsync(context, () => WriteReadyAsync(context, core)));
            routes.MapPost($"{prefix}/infer", context => core.AnswerAsync(context, () => InferAsync(context, core)));
        }
    }

    private static ServedGraph Find(HttpContext context, ServingCore core) =>
        core.Catalog.Find((string)context.Request.RouteValues["model"]!, (string?)context.Request.RouteValues.GetValueOrDefault("version"));

    private static async Task InferAsync(HttpContext context, ServingCore core)
    {
        var graph = Find(context, core);
        ServingCore.Begin(context, graph.Name, "oip_rest");
        using var body = await RestBody.ReadAsync(context).ConfigureAwait(false);
        var request = OpenInferenceRequest.Read(body.Written, HeadLength(context.Request, body.Written.Length), graph);
        var outputs = Choose(graph, request);
        using var reply = await core.RunAsync(graph, request.Inputs, (call, _) => OpenInferenceReply.Of(graph, request, outputs, call), context.RequestAborted).ConfigureAwait(false);
        await reply.SendAsync(context).ConfigureAwait(false);
    }

    private static IReadOnlyList<(TensorDescription, bool)> Choose(ServedGraph graph, OpenInferenceRequest request) => request.Outputs.Count == 0
        ? [.. graph.Outputs.Select(output => (output, request.IsBinary))]
        : [.. request.Outputs.Select(output => (graph.Output(output.Name), output.IsBinary ?? request.IsBinary))];

    private static int HeadLength(HttpRequest request, int bodyLength)
    {
        if (!request.Headers.TryGetValue(OpenInferenceReply.HeaderLength, out var value))
        {
            return bodyLength;
        }

        return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            ? length
            : throw new InvalidDataException($"its header {OpenInferenceReply.HeaderLength} is no number");
    }

    private static Task WriteModelAsync(HttpContext context, ServingCore core)
    {
        var graph = Find(context, core);
        return RestReply.WriteJsonAsync(context, StatusCodes.Status200OK, writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, graph.Name);
            writer.WriteStartArray("versions"u8);
            foreach (var (version, _, _, _) in core.Catalog.Versions(graph.Name))
            {
                writer.WriteStringValue(version);
            }

            writer.WriteEndArray();
            writer.WriteString("platform"u8, ServingCore.Platform);
            WriteTensors(writer, "inputs", graph.Signature.Inputs);
            WriteTensors(writer, "outputs", graph.Outputs);
            writer.WriteEndObject();
        });
    }

    private static Task WriteReadyAsync(HttpContext context, ServingCore core)
    {
        var graph = Find(context, core);
        return RestReply.WriteJsonAsync(context, StatusCodes.Status200OK, writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, graph.Name);
            writer.WriteBoolean("ready"u8, true);
            writer.WriteEndObject();
        });
    }

    private static Task WriteFlagAsync(HttpContext context, string name, bool isSo) =>
        RestReply.WriteJsonAsync(context, isSo ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, writer =>
        {
            writer.WriteStartObject();
            writer.WriteBoolean(name, isSo);
            writer.WriteEndObject();
        });

    private static void WriteServer(Utf8JsonWriter writer, ServingCore core)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, ServingCore.ServerName);
        writer.WriteString("version"u8, ServingCore.ServerVersion);
        writer.WriteStartArray("extensions"u8);
        foreach (var extension in core.Extensions)
        {
            writer.WriteStringValue(extension);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteTensors(Utf8JsonWriter writer, string member, IEnumerable<TensorDescription> tensors)
    {
        writer.WriteStartArray(member);
        foreach (var tensor in tensors)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, tensor.Name);
            writer.WriteString("datatype"u8, tensor.ElementType == ElementType.Unsupported ? "" : OpenInferenceTypes.ToDatatype(tensor.ElementType));
            writer.WriteStartArray("shape"u8);
            foreach (var size in ServingCore.Shape(tensor))
            {
                writer.WriteNumberValue(size);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
