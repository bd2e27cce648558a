namespace Coffer.Extensions;

// A class with setters, as configuration binding and Configure need it; it is read once, when the bundle is opened.

/// <summary>A bundle that an application opens, as its configuration says. What no configuration can hold is said with <see cref="CofferBundleBuilder"/>.</summary>
public sealed class BundleOptions
{
    /// <summary>The bundle's file.</summary>
    public string? Path { get; set; }

    /// <summary>The license's file.</summary>
    public string? License { get; set; }

    /// <summary>The file of this device's key. Not read where <see cref="CofferBundleBuilder.UseDevice"/> gives one.</summary>
    public string? DeviceKey { get; set; }

    /// <summary>
    /// The folder of the trust store. Whoever can change the folder or this setting decides whom the application trusts: on devices of others build the store
    /// in code, with <see cref="CofferBundleBuilder.UseTrust"/>.
    /// </summary>
    public string? Trust { get; set; }

    /// <summary>The application's id, which a license may be bound to. Default: none.</summary>
    public string? Audience { get; set; }

    /// <summary>What to run on, best first: <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c>, <c>tensorrt</c>, <c>directml</c>, <c>coreml</c>, <c>openvino:GPU</c>, <c>webgpu</c>. Default: the processor.</summary>
    public IList<string> Providers { get; } = [];

    /// <summary>Fail rather than run on the processor. Default false.</summary>
    public bool RequireGpu { get; set; }

    /// <summary>Threads that share the work of one node; 1 or more. Default null: one for each physical core.</summary>
    public int? IntraOpThreads { get; set; }

    /// <summary>The most asynchronous calls that run at once; 1 or more. Default null: the number of processors.</summary>
    public int? MaxConcurrency { get; set; }

    /// <summary>The most rows of one run, collected from concurrent calls; 1 or more. Default null: calls are not collected.</summary>
    public int? MaxBatch { get; set; }

    /// <summary>Whether the bundle may be older than one of the same model that was opened on this device. Default: no.</summary>
    public bool AllowOlderBundle { get; set; }

    /// <summary>Whether the bundle is opened when the application starts, which fails if it can't be. Default: no, at the first call.</summary>
    public bool OpenAtStart { get; set; }

    /// <summary>How long before a license expires the health check says so. Default 14 days; zero or more.</summary>
    public TimeSpan ExpiryWarning { get; set; } = TimeSpan.FromDays(14);
}
