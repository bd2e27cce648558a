using Coffer.Onnx;

namespace Coffer.Cli;

/// <summary>Execution providers by the words of a command line: <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c>, <c>openvino:GPU</c>.</summary>
internal static class ProviderNames
{
    /// <summary>The words, without devices.</summary>
    public static IReadOnlyList<string> All => ExecutionProvider.Words;

    /// <summary>A provider, and behind a colon which device.</summary>
    /// <exception cref="FormatException">There is no such provider, or it takes no such device.</exception>
    public static ExecutionProvider Parse(string option, string text) =>
        ExecutionProvider.TryParse(text, out var provider)
            ? provider
            : throw Values.Bad(option, text, $"one of {string.Join(", ", All)}; the number of a device stands behind a colon, as in cuda:1");

    /// <summary>A provider as licenses name it, or <c>*</c> for every one.</summary>
    /// <exception cref="FormatException">There is no such provider.</exception>
    public static string Licensed(string option, string text) => text == LicenseText.Any ? text : Parse(option, text).Name;
}
