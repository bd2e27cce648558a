using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Coffer.Server;

/// <summary>
/// TensorFlow Serving's REST API (https://www.tensorflow.org/tfx/serving/api_rest): predict, status, metadata. A version is the bundle's
/// sequence, because the API numbers versions; a label is the bundle's semantic version.
/// </summary>
internal static class TensorFlowRoutes
{
    private const string Predict = ":predict";
    private const string Metadata = "/metadata";

    public static void Map(IEndpointRouteBuilder routes, ServingCore core)
    {
        routes.MapGet("/v1/models/{**rest}", context => core.AnswerAsync(context, () => GetAsync(context, core)));
        routes.MapPost("/v1/models/{**rest}", context => core.AnswerAsync(context, () => PredictAsync(context, core)));
    }

    private static Task GetAsync(HttpContext context, ServingCore core)
    {
        var path = Rest(context);
        if (path.EndsWith(Metadata, StringComparison.Ordinal))
        {
            var graph = Find(core, path[..^Metadata.Length]);
            return RestReply.WriteJsonAsync(context, StatusCodes.Status200OK, writer => TensorFlowReply.WriteMetadata(writer, graph));
        }

        var (model, kind, version) = Split(path);
        var versions = core.Catalog.Versions(model).Where(known => kind switch
        {
            "versions" => known.Sequence.ToString(System.Globalization.CultureInfo.InvariantCulture) == version,
            "labels" => known.Version == version,
            _ => true,
        }).ToList();
        return versions.Count > 0
            ? RestReply.WriteJsonAsync(context, StatusCodes.Status200OK, writer => TensorFlowReply.WriteStatus(writer, versions))
            : throw ServingException.NotFound($"Model '{model}' has no such version.");
    }

    private static async Task PredictAsync(HttpContext context, ServingCore core)
    {
        var path = Rest(context);
        if (!path.EndsWith(Predict, StringComparison.Ordinal))
        {
            throw ServingException.NotFound($"There is nothing to post to at that address, only '{Predict}' behind a model.");
        }

        var graph = Find(core, path[..^Predict.Length]);
        ServingCore.Begin(context, graph.Name, "tensorflow_rest");
        using var body = await RestBody.ReadAsync(context).ConfigureAwait(false);
        var request = TensorFlowRequest.Read(body.Written.Span, graph);
        using var reply = await core.RunAsync(graph, request.Inputs, (call, _) => TensorFlowReply.Of(graph, request.Rows, call), context.RequestAborted).ConfigureAwait(false);
        await RestReply.WriteAsync(context, StatusCodes.Status200OK, "application/json", reply.Written).ConfigureAwait(false);
    }

    private static ServedGraph Find(ServingCore core, string path)
    {
        var (model, kind, version) = Split(path);
        return kind switch
        {
            "versions" => core.Catalog.FindNumbered(model, version),
            "labels" => core.Catalog.Find(model, version),
            _ => core.Catalog.Find(model, version: null),
        };
    }

    private static string Rest(HttpContext context) => (string?)context.Request.RouteValues["rest"] ?? "";

    /// <summary><c>M</c>, <c>M/versions/V</c>, <c>M/labels/L</c>.</summary>
    private static (string Model, string Kind, string Version) Split(string path) => path.Split('/') switch
    {
        [{ Length: > 0 } model] => (model, "", ""),
        [{ Length: > 0 } model, ("versions" or "labels") and var kind, { Length: > 0 } version] => (model, kind, version),
        _ => throw ServingException.NotFound("There is no such address."),
    };
}
