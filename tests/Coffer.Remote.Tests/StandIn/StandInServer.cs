using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Coffer.Tensors;
using Coffer.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Coffer.Remote.Tests.StandIn;

/// <summary>
/// Model servers and clouds in this process, on loopback: made from the published protocols, over graphs that are delegates.
/// </summary>
internal sealed class StandInServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private StandInServer(WebApplication application) => _application = application;

    /// <summary>The models, by name on the server.</summary>
    public required IReadOnlyDictionary<string, FakeGraph> Models { get; init; }

    /// <summary>HTTP/1.1 in the clear.</summary>
    public Uri Rest { get; private set; } = null!;

    /// <summary>HTTP/2 in the clear.</summary>
    public Uri Grpc { get; private set; } = null!;

    /// <summary>TLS, if there is a certificate: both HTTP/1.1 and HTTP/2.</summary>
    public Uri? Tls { get; private set; }

    /// <summary>Answers instead of the protocols, if it gives true. Runs after the request was recorded.</summary>
    public Func<HttpContext, Task<bool>>? Fault { get; set; }

    /// <summary>Called within a run's gRPC method, or before a REST reply is written: throws, or waits.</summary>
    public Func<CancellationToken, Task> OnRun { get; set; } = _ => Task.CompletedTask;

    /// <summary>The headers and paths of all requests so far.</summary>
    public ConcurrentQueue<(string Path, IHeaderDictionary Headers)> Requests { get; } = new();

    /// <summary>How a TensorFlow server sends tensors: its bytes, or the lists of the type.</summary>
    public bool SendsContent { get; set; }

    public static async Task<StandInServer> StartAsync(IReadOnlyDictionary<string, FakeGraph> models, X509Certificate2? certificate = null, bool wantsClient = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc(options => options.MaxReceiveMessageSize = null);
        StandInServer? server = null;
        builder.Services.AddSingleton(_ => server!);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
            if (certificate is not null)
            {
                kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate, https =>
                {
                    https.ClientCertificateMode = wantsClient ? ClientCertificateMode.RequireCertificate : ClientCertificateMode.NoCertificate;
                    https.AllowAnyClientCertificate();
                }));
            }
        });
        var application = builder.Build();
        server = new StandInServer(application) { Models = models };
        application.Use(server.InterceptAsync);
        application.MapGrpcService<OpenInferenceService>();
        application.MapGrpcService<PredictionServiceStandIn>();
        application.MapGrpcService<ModelServiceStandIn>();
        OpenInferenceRoutes.Map(application, server);
        TensorFlowRoutes.Map(application, server);
        CloudRoutes.Map(application, server);
        TaskRoutes.Map(application);
        await application.StartAsync();
        var addresses = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => new Uri(address)).ToArray();
        server.Rest = addresses[0];
        server.Grpc = addresses[1];
        server.Tls = certificate is null ? null : new UriBuilder(addresses[2]) { Host = "localhost" }.Uri;
        return server;
    }

    public async Task<IReadOnlyDictionary<string, Tensor>> RunAsync(string model, IReadOnlyDictionary<string, Tensor> inputs, CancellationToken cancellationToken)
    {
        await OnRun(cancellationToken);
        return Models[model].Run(inputs);
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync(new CancellationToken(canceled: true));
        await _application.DisposeAsync();
    }

    private async Task InterceptAsync(HttpContext context, RequestDelegate next)
    {
        // A copy: the server uses its own again for the next request.
        Requests.Enqueue((context.Request.Path, new HeaderDictionary(context.Request.Headers.ToDictionary(StringComparer.OrdinalIgnoreCase))));
        if (Fault is null || !await Fault(context))
        {
            await next(context);
        }
    }
}
