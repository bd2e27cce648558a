using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Coffer.Extensions;

/// <summary>Adds bundles to an application's services.</summary>
public sealed class CofferBuilder
{
    internal CofferBuilder(IServiceCollection services) => Services = services;

    /// <summary>The application's services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Adds a bundle, as configuration says.</summary>
    /// <param name="name">The application's name for it, and the key of its services.</param>
    /// <param name="configuration">The section with the members of <see cref="BundleOptions"/>.</param>
    /// <returns>What adds its predictors.</returns>
    /// <exception cref="ArgumentException">The name is empty, or there is a bundle of that name.</exception>
    public CofferBundleBuilder AddBundle(string name, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return Add(name, options => options.Bind(configuration));
    }

    /// <summary>Adds a bundle, as code says.</summary>
    /// <param name="name">The application's name for it, and the key of its services.</param>
    /// <param name="configure">Says where the bundle is and how it runs.</param>
    /// <returns>What adds its predictors.</returns>
    /// <exception cref="ArgumentException">The name is empty, or there is a bundle of that name.</exception>
    public CofferBundleBuilder AddBundle(string name, Action<BundleOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return Add(name, options => options.Configure(configure));
    }

    /// <summary>Adds a bundle whose <see cref="BundleOptions"/> are configured elsewhere, under its name.</summary>
    /// <param name="name">The application's name for it, and the key of its services.</param>
    /// <returns>What adds its predictors.</returns>
    /// <exception cref="ArgumentException">The name is empty, or there is a bundle of that name.</exception>
    public CofferBundleBuilder AddBundle(string name) => Add(name, _ => { });

    private CofferBundleBuilder Add(string name, Action<OptionsBuilder<BundleOptions>> configure)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (Services.Any(service => service.ImplementationInstance is BundleName known && known.Value == name))
        {
            throw new ArgumentException($"There is a bundle '{name}' already. Choose another name.", nameof(name));
        }

        var sources = new BundleSources();
        configure(Services.AddOptions<BundleOptions>(name));
        Services.AddSingleton(new BundleName(name));
        Services.AddSingleton<IValidateOptions<BundleOptions>>(new BundleOptionsValidator(name, sources));
        Services.AddKeyedSingleton(name, (provider, _) => new CofferBundle(name, sources, provider));
        Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, BundleOpener>());
        return new CofferBundleBuilder(Services, name, sources);
    }
}
