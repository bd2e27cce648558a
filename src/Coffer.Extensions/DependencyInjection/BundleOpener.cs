using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Coffer.Extensions;

/// <summary>Opens the bundles that are to be open when the application starts, side by side. One that can't be opened stops the start.</summary>
internal sealed class BundleOpener(IEnumerable<BundleName> names, IServiceProvider services) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.WhenAll(names
        .Select(name => services.GetRequiredKeyedService<CofferBundle>(name.Value))
        .Where(bundle => bundle.Options.OpenAtStart)
        .Select(bundle => bundle.OpenAsync(cancellationToken)));

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
