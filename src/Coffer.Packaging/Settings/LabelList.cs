using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Coffer.Packaging;

/// <summary>The names of a model's classes, by their place in the output.</summary>
/// <param name="Labels">One a class.</param>
internal sealed partial record LabelList(IReadOnlyList<string> Labels)
{
    public const string FileName = "labels.txt";

    private const int MaxBytes = 32 << 20;

    /// <summary>
    /// Reads a text with one label a line, UTF-8. A WordNet id before a label (<c>n02123045 tabby, tabby cat</c>, the lines of
    /// ImageNet's synset.txt) is dropped; the rest of the line stays as it is.
    /// </summary>
    /// <exception cref="PackagingException">It is not UTF-8, it is empty, or a line is (<see cref="PackagingError.InvalidSettings"/>).</exception>
    public static LabelList Parse(string fileName, ReadOnlySpan<byte> text)
    {
        if (text.Length > MaxBytes)
        {
            throw Invalid(fileName, $"has {text.Length} bytes; at most {MaxBytes} are read");
        }

        string[] lines;
        try
        {
            lines = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(text).TrimStart('\uFEFF').TrimEnd().Split('\n');
        }
        catch (DecoderFallbackException e)
        {
            throw Invalid(fileName, "is not UTF-8 text", e);
        }

        var labels = Array.ConvertAll(lines, line => WordNetId().Replace(line.Trim(), ""));
        var empty = Array.FindIndex(labels, label => label.Length == 0);
        return empty < 0 ? new LabelList(labels) : throw Invalid(fileName, $"has no label in line {empty + 1}; write one label a line, in the order of the model's outputs");
    }

    /// <summary>Reads <c>id2label</c> of a config.json; null if it has none.</summary>
    /// <exception cref="PackagingException">It does not name each class once (<see cref="PackagingError.InvalidSettings"/>).</exception>
    public static LabelList? FromConfig(ReadOnlyMemory<byte> config)
    {
        const string Name = "config.json";
        try
        {
            using var json = JsonDocument.Parse(config, new JsonDocumentOptions { AllowDuplicateProperties = false });
            if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty("id2label", out var map) || map.ValueKind != JsonValueKind.Object)
            {
                return null;
            }

            var labels = new string?[map.EnumerateObject().Count()];
            foreach (var entry in map.EnumerateObject())
            {
                if (!int.TryParse(entry.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) || index >= labels.Length || entry.Value.ValueKind != JsonValueKind.String)
                {
                    throw Invalid(Name, $"has an id2label whose entry {OnnxNames.Quote(entry.Name)} does not name one of {labels.Length} classes, counted from 0");
                }

                labels[index] = entry.Value.GetString();
            }

            return Array.IndexOf(labels, null) < 0 ? new LabelList(labels!) : throw Invalid(Name, "has an id2label that names a class twice");
        }
        catch (JsonException e)
        {
            throw Invalid(Name, $"is not JSON: {e.Message.TrimEnd('.')}", e);
        }
    }

    /// <summary><c>labels.txt</c>: UTF-8, one label a line.</summary>
    public ExportedFile ToFile() => new(FileName, Encoding.UTF8.GetBytes(string.Concat(Labels.Select(label => label + "\n"))));

    // WordNet 3.0: part of speech and the eight digits of the synset's offset.
    [GeneratedRegex(@"^n\d{8}\s+", RegexOptions.CultureInvariant)]
    private static partial Regex WordNetId();

    private static PackagingException Invalid(string fileName, string what, Exception? cause = null) =>
        new(PackagingError.InvalidSettings, $"'{fileName}' {what}.", cause);
}
