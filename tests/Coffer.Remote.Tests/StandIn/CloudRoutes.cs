using Microsoft.AspNetCore.Builder;

namespace Coffer.Remote.Tests.StandIn;

/// <summary>The gateways of the clouds; the container behind them speaks one of the protocols above, as the model's name says.</summary>
internal static class CloudRoutes
{
    public static void Map(WebApplication application, StandInServer server)
    {
        application.MapPost("/endpoints/{name}/invocations", context => OpenInferenceRoutes.InferAsync(server, (string)context.Request.RouteValues["name"]!, context));
        application.MapPost("/azure/{name}/score", context => OpenInferenceRoutes.InferAsync(server, (string)context.Request.RouteValues["name"]!, context));
        application.MapPost("/v1/projects/p/locations/l/endpoints/{**rest}", context =>
        {
            var parts = ((string)context.Request.RouteValues["rest"]!).Split(':');
            return parts[1] == "predict" ? TensorFlowRoutes.PredictAsync(server, parts[0], context) : OpenInferenceRoutes.InferAsync(server, parts[0], context);
        });
    }
}
