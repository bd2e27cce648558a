using System.Globalization;
using Coffer.Onnx;

namespace Coffer.Cli;

/// <summary>Execution providers by the words of a command line: <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c>, <c>openvino:GPU</c>.</summary>
internal static class ProviderNames
{
    /// <summary>The words, without devices.</summary>
    public static IReadOnlyList<string> All { get; } = ["cpu", "cuda", "tensorrt", "directml", "coreml", "openvino", "webgpu"];

    /// <summary>A provider, and behind a colon which device.</summary>
    /// <exception cref="FormatException">There is no such provider, or it takes no such device.</exception>
    public static ExecutionProvider Parse(string option, string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (name, device) = colon < 0 ? (text, null) : (text[..colon], text[(colon + 1)..]);
        return (name.ToLowerInvariant(), device) switch
        {
            ("cpu", null) => ExecutionProvider.Cpu,
            ("cuda", _) => ExecutionProvider.Cuda(Index(option, text, device)),
            ("tensorrt", _) => ExecutionProvider.TensorRt(Index(option, text, device)),
            ("directml", _) => ExecutionProvider.DirectMl(Index(option, text, device)),
            ("coreml", null) => ExecutionProvider.CoreMl,
            ("openvino", null) => ExecutionProvider.OpenVino(),
            ("openvino", { Length: > 0 }) => ExecutionProvider.OpenVino(device),
            ("webgpu", null) => ExecutionProvider.WebGpu,
            _ => throw Values.Bad(option, text, $"one of {string.Join(", ", All)}; a device stands behind a colon, as in cuda:1"),
        };
    }

    /// <summary>A provider as licenses name it, or <c>*</c> for every one.</summary>
    /// <exception cref="FormatException">There is no such provider.</exception>
    public static string Licensed(string option, string text) => text == LicenseText.Any ? text : Parse(option, text).Name;

    private static int Index(string option, string text, string? device) =>
        device is null ? 0
        : int.TryParse(device, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index
        : throw Values.Bad(option, text, "a provider and the number of a device, as in cuda:1");
}
