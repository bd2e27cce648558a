using Coffer.Bundles;
using Coffer.Inference;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Coffer.Server;

/// <summary>
/// Serves bundles to callers on the network: Open Inference Protocol v2 over gRPC and REST, TensorFlow Serving's REST predict, and metrics
/// for Prometheus at <c>/metrics</c>. A model's name is the last part of its bundle's id; each request is charged for as one input.
/// Thread-safe. Stop it with <see cref="StopAsync"/>, or dispose it, which does the same.
/// </summary>
public sealed class ModelServer : IAsyncDisposable
{
    /// <summary>
    /// The name of the meter: <c>coffer.server.request.duration</c> (seconds, by model, protocol and outcome) and <c>coffer.server.calls</c>
    /// (calls under way: the one to scale by).
    /// </summary>
    public const string MeterName = "Coffer.Server";

    private readonly ServerOptions _options;
    private readonly ModelCatalog _catalog;
    private readonly ServerMeter _meter;
    private readonly PrometheusMetrics _metrics;
    private readonly ServingCore _core;
    private readonly WebApplication _application;
    private readonly Lazy<Task> _stopping;

    private ModelServer(ServerOptions options)
    {
        _options = options;
        var logger = options.LoggerFactory.CreateLogger<ModelServer>();
        _catalog = new ModelCatalog(logger);
        _meter = new ServerMeter();
        _metrics = new PrometheusMetrics(_catalog, _meter);
        _core = new ServingCore(_catalog, _meter, options, logger);
        _application = ServerHost.Build(options, _core, _meter, _metrics);
        _stopping = new Lazy<Task>(DrainAsync);
    }

    /// <summary>Where it listens: REST first, then gRPC.</summary>
    public IReadOnlyList<Uri> Addresses { get; private set; } = [];

    /// <summary>Whether it has models, all of them answer, and it is not being stopped.</summary>
    public bool IsReady => _core.IsReady;

    /// <summary>Starts listening. The server lives, and is ready once models are loaded.</summary>
    /// <param name="options">Where, and whom it answers.</param>
    /// <param name="cancellationToken">Stops the starting.</param>
    /// <exception cref="ArgumentException">The options would leave the server open, or closed to everybody; the message says which.</exception>
    /// <exception cref="IOException">The address is in use, or can't be listened on.</exception>
    public static async Task<ModelServer> StartAsync(ServerOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var server = new ModelServer(options);
        try
        {
            await server._application.StartAsync(cancellationToken).ConfigureAwait(false);
            server.Addresses = [.. server._application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => new Uri(address))];
            return server;
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Opens bundles, one after another, and answers for each as soon as it is open.</summary>
    /// <param name="bundles">The bundles. Several versions of one model may be among them: callers who name none get the newest.</param>
    /// <param name="cancellationToken">Stops the loading.</param>
    /// <exception cref="BundleException">A bundle is rejected.</exception>
    /// <exception cref="LicenseException">A license is refused.</exception>
    /// <exception cref="KeyException">The device's key can't be used.</exception>
    /// <exception cref="InferenceException">A model can't run here.</exception>
    public Task LoadAsync(IReadOnlyList<BundleSource> bundles, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bundles);
        return _catalog.LoadAsync(bundles, cancellationToken);
    }

    /// <summary>Closes every version of a model once its calls have ended.</summary>
    /// <param name="name">The model's name.</param>
    /// <param name="cancellationToken">Stops waiting for its turn.</param>
    /// <exception cref="ArgumentException">There is no such model.</exception>
    public async Task UnloadAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        try
        {
            await _catalog.UnloadAsync(name, cancellationToken).ConfigureAwait(false);
        }
        catch (ServingException e)
        {
            throw new ArgumentException(e.Message, nameof(name), e);
        }
    }

    /// <summary>
    /// Stops: says that it is not ready, goes on answering for <see cref="ServerOptions.DrainDelay"/>, then takes no new connections, lets
    /// calls under way end within <see cref="ServerOptions.DrainTimeout"/>, and closes the models.
    /// </summary>
    public Task StopAsync() => _stopping.Value;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync().ConfigureAwait(false);

    internal Task AddAsync(ServedModel model) => _catalog.AddAsync(model);

    private async Task DrainAsync()
    {
        _core.Drain();
        await Task.Delay(_options.DrainDelay, _options.Clock).ConfigureAwait(false);
        await _application.StopAsync(CancellationToken.None).ConfigureAwait(false);
        await _application.DisposeAsync().ConfigureAwait(false);
        await _catalog.DisposeAsync().ConfigureAwait(false);
        _metrics.Dispose();
        _meter.Dispose();
    }
}
