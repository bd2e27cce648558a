using Coffer.Bundles;

namespace Coffer.Extensions;

/// <summary>What a bundle is opened with that configuration does not say.</summary>
internal sealed class BundleSources
{
    public Func<IServiceProvider, TrustStore>? Trust { get; set; }

    public Func<IServiceProvider, License>? License { get; set; }

    public Func<IServiceProvider, IDeviceKey>? Device { get; set; }

    public List<Func<IServiceProvider, ModelOptions, ModelOptions>> Edits { get; } = [];
}
