namespace Coffer.Onnx;

/// <summary>Settings of the DirectML provider (Windows). It keeps no cache on the disk; a driver may cache its shaders, which hold no weights. Immutable; edit with <c>with</c>.</summary>
public sealed record DirectMlOptions
{
    /// <summary>The adapter, from 0, as DXGI counts. Default 0; null leaves the choice to <see cref="PreferLowPower"/>.</summary>
    public int? DeviceId { get; init; } = 0;

    /// <summary>Whether the adapter that needs the least power is taken, rather than the fastest. Default false. Needs <see cref="DeviceId"/> null.</summary>
    public bool PreferLowPower { get; init; }

    /// <summary>Whether the driver's own fused kernels are left out, which helps where they compute wrongly. Default false.</summary>
    public bool DisableMetacommands { get; init; }

    /// <summary>Further settings under ONNX Runtime's own names. Default: none. A name that this record covers is refused, and so
    /// is every name by which the provider would read or write a file: a cache of compiled engines holds the weights in plain.</summary>
    public IReadOnlyDictionary<string, string> Additional { get; init; } = ProviderSettings.None;

    internal IReadOnlyList<KeyValuePair<string, string>> ToSettings()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(DeviceId ?? 0, nameof(DeviceId));
        if (DeviceId is not null && PreferLowPower)
        {
            throw new ArgumentException($"{nameof(PreferLowPower)} chooses the adapter, but {nameof(DeviceId)} names one. Set {nameof(DeviceId)} to null.", nameof(PreferLowPower));
        }

        return new ProviderSettings("DirectML")
            .Add("device_id", DeviceId)
            .Add("performance_preference", DeviceId is null ? (PreferLowPower ? "minimum_power" : "high_performance") : null)
            .AddUnless("disable_metacommands", DisableMetacommands ? "true" : "false", "false")
            .Finish(Additional);
    }
}
