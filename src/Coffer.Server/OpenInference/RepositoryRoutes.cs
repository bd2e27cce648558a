using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Coffer.Server;

/// <summary>
/// The model repository extension (https://github.com/triton-inference-server/server, docs/protocol/extension_model_repository.md): what
/// is there, load again from the bundle's file, unload. Where a bundle's file is stays the operator's choice.
/// </summary>
internal static class RepositoryRoutes
{
    public static void Map(IEndpointRouteBuilder routes, ServingCore core)
    {
        routes.MapPost("/v2/repository/index", context => core.AnswerAsync(context, () => RestReply.WriteJsonAsync(context, StatusCodes.Status200OK, writer => WriteIndex(writer, core.Catalog))));
        routes.MapPost("/v2/repository/models/{model}/load", context => core.AnswerAsync(context, () => ControlAsync(context, core, core.Catalog.ReloadAsync)));
        routes.MapPost("/v2/repository/models/{model}/unload", context => core.AnswerAsync(context, () => ControlAsync(context, core, core.Catalog.UnloadAsync)));
    }

    private static async Task ControlAsync(HttpContext context, ServingCore core, Func<string, CancellationToken, Task> act)
    {
        if (!core.AllowsModelControl)
        {
            throw ServingException.Forbidden("This server lets nobody load and unload models.");
        }

        await act((string)context.Request.RouteValues["model"]!, context.RequestAborted).ConfigureAwait(false);
        context.Response.StatusCode = StatusCodes.Status200OK;
    }

    private static void WriteIndex(Utf8JsonWriter writer, ModelCatalog catalog)
    {
        writer.WriteStartArray();
        foreach (var (name, version, _, state, reason) in catalog.Index)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, name);
            writer.WriteString("version"u8, version);
            writer.WriteString("state"u8, state switch { ModelState.Ready => "READY", ModelState.Loading => "LOADING", _ => "UNAVAILABLE" });
            writer.WriteString("reason"u8, reason);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
