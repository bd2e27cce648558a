namespace Coffer.Onnx;

/// <summary>
/// An execution provider that comes as a library of its own (ONNX Runtime's plug-in interface), with its settings. Plug-ins can write
/// compiled models as EpContext nodes; ONNX Runtime has callbacks for where they go (entry 426 of its C API, from 1.31). Coffer asks for
/// none, so none is kept. Immutable; edit with <c>with</c>.
/// </summary>
/// <param name="Name">What the library calls its provider, with or without <c>ExecutionProvider</c> behind it.</param>
/// <param name="LibraryPath">The library. It is native code with all the rights of this process, and stays loaded.</param>
public sealed record PlugInOptions(string Name, string LibraryPath)
{
    /// <summary>The kind of device to take. Default: an accelerator.</summary>
    public PlugInDevice Device { get; init; }

    /// <summary>Which of those devices, from 0, in the library's order. Default 0.</summary>
    public int DeviceIndex { get; init; }

    /// <summary>The provider's settings under its own names. Default: none. Names by which it would read or write a file are refused: a
    /// cache of compiled engines holds the weights in plain.</summary>
    public IReadOnlyDictionary<string, string> Additional { get; init; } = ProviderSettings.None;

    /// <summary>Without the suffix, as other providers are named.</summary>
    internal string ProviderName => Name.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase) ? Name[..^Suffix.Length] : Name;

    internal IReadOnlyList<KeyValuePair<string, string>> ToSettings()
    {
        ArgumentException.ThrowIfNullOrEmpty(Name);
        if (ProviderName.Length == 0 || string.Equals(ProviderName, "CPU", StringComparison.OrdinalIgnoreCase))
        {
            // Results and licenses name providers; only ONNX Runtime's own is the processor.
            throw new ArgumentException($"'{Name}' can't be a plug-in's name. Give the name that the library itself uses.", nameof(Name));
        }

        ArgumentException.ThrowIfNullOrEmpty(LibraryPath);
        ArgumentOutOfRangeException.ThrowIfNegative(DeviceIndex);
        if (!Enum.IsDefined(Device))
        {
            throw new ArgumentOutOfRangeException(nameof(Device));
        }

        return new ProviderSettings(ProviderName).Finish(Additional);
    }

    private const string Suffix = "ExecutionProvider";
}
