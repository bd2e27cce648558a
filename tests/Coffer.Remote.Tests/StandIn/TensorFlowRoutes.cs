using System.Text.Json;
using Coffer.Inference;
using Coffer.Tensors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Coffer.Remote.Tests.StandIn;

/// <summary>TensorFlow Serving's REST API.</summary>
internal static class TensorFlowRoutes
{
    public static void Map(WebApplication application, StandInServer server)
    {
        application.MapGet("/v1/models/{name}", (string name) => server.Models.ContainsKey(name)
            ? Results.Text(
                """{"model_version_status": [{"version": "2", "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}, {"version": "1", "state": "END", "status": {"error_code": "RESOURCE_EXHAUSTED", "error_message": "no memory"}}]}""",
                "application/json")
            : Results.Json(new { error = $"Could not find any versions of model {name}" }, statusCode: 404));
        foreach (var prefix in (string[])["/v1/models/{name}", "/v1/models/{name}/versions/{version}", "/v1/models/{name}/labels/{label}"])
        {
            application.MapGet($"{prefix}/metadata", (string name) => server.Models.TryGetValue(name, out var graph)
                ? Results.Text(
                    $$"""{"model_spec": {"name": "{{name}}", "signature_name": "", "version": "2"}, "metadata": {"signature_def": {"signature_def": {"serving_default": {"inputs": { {{Describe(graph.Inputs)}} }, "outputs": { {{Describe(graph.Outputs)}} }, "method_name": "tensorflow/serving/predict"} } } } }""",
                    "application/json")
                : Results.Json(new { error = $"no model {name}" }, statusCode: 404));
        }

        application.MapPost("/v1/models/{**rest}", context => PostAsync(server, context));
    }

    public static async Task PredictAsync(StandInServer server, string model, HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        using var body = JsonTensors.Parse(await reader.ReadToEndAsync(context.RequestAborted));
        var graph = server.Models[model];
        var isRows = body.RootElement.TryGetProperty("instances", out var instances);
        var inputs = graph.Inputs.ToDictionary(
            input => input.Name,
            input => JsonTensors.ReadNested(
                isRows ? JsonSerializer.SerializeToElement(instances.EnumerateArray().Select(row => row.GetProperty(input.Name))) : body.RootElement.GetProperty("inputs").GetProperty(input.Name),
                input));
        var outputs = await server.RunAsync(model, inputs, context.RequestAborted);
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(isRows ? Rows(outputs) : Columns(outputs), context.RequestAborted);
    }

    private static async Task PostAsync(StandInServer server, HttpContext context)
    {
        var path = (string)context.Request.RouteValues["rest"]!;
        var model = path.Split('/', ':')[0];
        switch (path.Split(':')[^1])
        {
            case "predict":
                await PredictAsync(server, model, context);
                break;
            case "classify":
                await context.Response.WriteAsync($$"""{"results": [{{string.Join(", ", (await ExamplesAsync(context)).Select(example => $"""[["sum", {Sum(example)}], [{example.GetProperty("name")[0].GetRawText()}, {example.GetProperty("n")[0].GetRawText()}]]"""))}}]}""");
                break;
            default:
                await context.Response.WriteAsync($$"""{"results": [{{string.Join(", ", (await ExamplesAsync(context)).Select(Sum))}}]}""");
                break;
        }
    }

    private static async Task<JsonElement[]> ExamplesAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        using var body = await JsonDocument.ParseAsync(context.Request.Body);
        return [.. body.RootElement.GetProperty("examples").EnumerateArray().Select(example => example.Clone())];
    }

    private static string Sum(JsonElement example)
    {
        var sum = example.GetProperty("x").EnumerateArray().Sum(value => value.GetSingle());
        return float.IsInfinity(sum) ? "Infinity" : sum.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private static string Columns(IReadOnlyDictionary<string, Tensor> outputs) => outputs.Count == 1
        ? $$"""{"outputs": {{JsonTensors.WriteNested(outputs.Values.Single())}}}"""
        : $$"""{"outputs": { {{string.Join(", ", outputs.Select(output => $"\"{output.Key}\": {JsonTensors.WriteNested(output.Value)}"))}} } }""";

    private static string Rows(IReadOnlyDictionary<string, Tensor> outputs)
    {
        var rows = Enumerable.Range(0, (int)outputs.Values.First().Shape[0]).Select(row => outputs.Count == 1
            ? JsonTensors.WriteRow(outputs.Values.Single(), row)
            : $"{{{string.Join(", ", outputs.Select(output => $"\"{output.Key}\": {JsonTensors.WriteRow(output.Value, row)}"))}}}");
        return $$"""{"predictions": [{{string.Join(", ", rows)}}]}""";
    }

    private static string Describe(IReadOnlyList<TensorDescription> tensors) => string.Join(", ", tensors.Select(tensor =>
        $$"""
        "{{tensor.Name}}": {"dtype": "{{ElementCodec.Of(tensor.ElementType).TensorFlowName}}", "name": "{{tensor.Name}}:0", "tensor_shape": {"unknown_rank": false, "dim": [{{string.Join(", ", tensor.Dimensions.Select(dimension => $$"""{"size": "{{dimension.Size ?? -1}}", "name": "{{dimension.Symbol}}"}"""))}}]} }
        """));
}
