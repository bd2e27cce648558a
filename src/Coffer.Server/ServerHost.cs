using System.Net;
using System.Security.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Coffer.Server;

/// <summary>Puts a web application together: listeners, limits, who is let in, and the protocols. Nothing comes from files or variables of the environment.</summary>
internal static class ServerHost
{
    public static WebApplication Build(ServerOptions options, ServingCore core, ServerMeter meter, PrometheusMetrics metrics)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(options.LoggerFactory);
        builder.Services.AddSingleton<IHostLifetime, HostLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.DrainTimeout);
        builder.Services.AddRoutingCore();
        builder.Services.AddRequestDecompression();
        builder.Services.AddSingleton(core);
        builder.Services.AddSingleton<OpenInferenceService>();
        builder.Services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = (int)options.MaxRequestBody;
            grpc.MaxSendMessageSize = null;
            grpc.CompressionProviders.Clear();
            grpc.CompressionProviders.Add(new LimitedGzip(options.MaxRequestBody));
        });
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => Configure(kestrel, options));

        var application = builder.Build();
        application.Use((context, next) => MeasureAsync(context, next, core, meter, options.Clock));
        application.Use((context, next) => Authentication.InvokeAsync(context, next, options));
        application.Use((context, next) => LimitAsync(context, next, options.MaxRequestBody));
        application.UseRequestDecompression();
        application.UseRouting();
        application.MapGrpcService<OpenInferenceService>();
        OpenInferenceRoutes.Map(application, core);
        RepositoryRoutes.Map(application, core);
        TensorFlowRoutes.Map(application, core);
        application.MapGet("/metrics", context => RestReply.WriteAsync(context, StatusCodes.Status200OK, PrometheusFormat.ContentType, System.Text.Encoding.UTF8.GetBytes(metrics.Write())));
        application.MapFallback("{**path}", context => core.AnswerAsync(context, () => throw ServingException.NotFound("There is no such address.")));
        return application;
    }

    private static void Configure(KestrelServerOptions kestrel, ServerOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = options.MaxRequestBody;
        kestrel.Limits.MaxConcurrentConnections = options.MaxConnections;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
        kestrel.Limits.Http2.InitialConnectionWindowSize = 1 << 20;
        kestrel.Limits.Http2.InitialStreamWindowSize = 1 << 20;
        Listen(options.Port, options.Certificate is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2);
        if (options.GrpcPort is { } port)
        {
            // Without TLS nothing says which HTTP is spoken: gRPC has a port of its own.
            Listen(port, HttpProtocols.Http2);
        }

        void Listen(int at, HttpProtocols protocols) => kestrel.Listen(new IPEndPoint(options.Address, at), listen =>
        {
            listen.Protocols = protocols;
            if (options.Certificate is not null)
            {
                listen.UseHttps(https => Configure(https, options));
            }
        });
    }

    private static void Configure(HttpsConnectionAdapterOptions https, ServerOptions options)
    {
        https.ServerCertificate = options.Certificate;
        https.ServerCertificateChain = options.CertificateChain;
        https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        if (options.ClientRoots is { Count: > 0 } roots)
        {
            // Not required of everybody: probes come without, and so may those who show a token.
            https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
            https.ClientCertificateValidation = (certificate, _, _) => Authentication.IsTrusted(certificate, roots, options.Clock);
        }
    }

    // gRPC has a limit of its own and says what it is; HTTP's stands behind it.
    private static Task LimitAsync(HttpContext context, RequestDelegate next, long limit)
    {
        if (RestReply.IsGrpc(context.Request) && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            feature.MaxRequestBodySize = limit + (1 << 20);
        }

        return next(context);
    }

    private static async Task MeasureAsync(HttpContext context, RequestDelegate next, ServingCore core, ServerMeter meter, TimeProvider clock)
    {
        var started = clock.GetTimestamp();
        var request = new ServedRequest();
        context.Features.Set(request);
        if (core.IsDraining && HttpProtocol.IsHttp11(context.Request.Protocol))
        {
            // The next request goes to another server.
            context.Response.Headers.Connection = "close";
        }

        await core.AnswerAsync(context, () => next(context)).ConfigureAwait(false);
        if (request.Protocol.Length > 0)
        {
            meter.Record(request, clock.GetElapsedTime(started));
        }
    }
}
