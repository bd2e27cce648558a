using System.Collections.ObjectModel;
using System.Globalization;

namespace Coffer.Onnx;

/// <summary>Collects a provider's settings, and keeps out those by which it would read or write files.</summary>
internal sealed class ProviderSettings(string provider)
{
    private readonly List<KeyValuePair<string, string>> _settings = [];

    public static IReadOnlyDictionary<string, string> None { get; } = ReadOnlyDictionary<string, string>.Empty;

    public ProviderSettings Add(string name, string? value)
    {
        if (value is not null)
        {
            _settings.Add(new(name, value));
        }

        return this;
    }

    public ProviderSettings Add(string name, long? value) => Add(name, value?.ToString(CultureInfo.InvariantCulture));

    public ProviderSettings Add(string name, bool value) => Add(name, value ? "1" : "0");

    /// <summary>The provider's own default is left unsaid, so that a build that doesn't know the name serves too.</summary>
    public ProviderSettings AddUnless(string name, string value, string usual) => Add(name, value == usual ? null : value);

    public ProviderSettings AddUnless(bool usual, string name, bool value) => value == usual ? this : Add(name, value);

    /// <exception cref="ArgumentException">A name leads to a file, or is one that was added.</exception>
    public IReadOnlyList<KeyValuePair<string, string>> Finish(IReadOnlyDictionary<string, string> additional)
    {
        ArgumentNullException.ThrowIfNull(additional);
        // In the order of names: equality of providers doesn't depend on a dictionary's order.
        foreach (var (name, value) in additional.OrderBy(setting => setting.Key, StringComparer.Ordinal))
        {
            ArgumentException.ThrowIfNullOrEmpty(name, nameof(additional));
            ArgumentNullException.ThrowIfNull(value, nameof(additional));
            if (LeadsToFile(name))
            {
                throw new ArgumentException(
                    $"{provider}'s setting '{name}' is refused: with it the provider could keep the model, a compiled engine or a record of its runs in a file that is not encrypted. Leave it out; Coffer keeps no cache.",
                    nameof(additional));
            }

            if (_settings.Any(setting => string.Equals(setting.Key, name, StringComparison.OrdinalIgnoreCase)))
            {
                throw new ArgumentException($"{provider}'s setting '{name}' is already given by a property of its options. Use that property.", nameof(additional));
            }

            Add(name, value);
        }

        return _settings;
    }

    private static bool LeadsToFile(string name)
    {
        if (Harmless.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            return false;
        }

        // TensorRT's profiles are ranges of shapes: trt_profile_min_shapes.
        var words = name.Replace("trt_profile_", "", StringComparison.OrdinalIgnoreCase);
        return Fragments.Any(fragment => words.Contains(fragment, StringComparison.OrdinalIgnoreCase));
    }

    // Of the settings of TensorRT, CoreML, OpenVINO, WebGPU and DirectML in ONNX Runtime 1.31, and of the plug-ins for QNN, TensorRT RTX,
    // MIGraphX and VitisAI. OpenVINO's load_config holds settings of its own, CACHE_DIR among them; WebGPU's PIX capture records every buffer.
    private static readonly string[] Fragments =
        ["cache", "context", "ctx", "dump", "path", "dir", "file", "folder", "export", "blob", "save", "serializ", "profiling", "config", "pix", "timing", "engine_decryption", "calibration_table"];

    /// <summary>Contain such a fragment, but are about memory alone.</summary>
    private static readonly string[] Harmless =
    [
        "storageBufferCacheMode",
        "uniformBufferCacheMode",
        "queryResolveBufferCacheMode",
        "defaultBufferCacheMode",
        "kvCacheQuantizationBits",
        "multiRotaryCacheConcatOffset",
        "trt_context_memory_sharing_enable",
    ];
}
