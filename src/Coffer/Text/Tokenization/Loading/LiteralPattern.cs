using System.Buffers;
using System.Text.Json;

namespace Coffer.Text;

/// <summary>Reads a pattern that is plain text.</summary>
internal static class LiteralPattern
{
    // A regular expression without any of these is plain text.
    private static readonly SearchValues<char> Special = SearchValues.Create(@"\^$.|?*+()[]{}");

    public static string Read(JsonElement config, string component)
    {
        var pattern = config.Member("pattern") ?? throw TokenizerJson.Wrong("pattern", "an object");
        if (pattern.Text("Regex") is not { } regex)
        {
            return pattern.RequiredText("String");
        }

        return regex.AsSpan().IndexOfAny(Special) < 0
            ? regex
            : throw new TokenizerException(TokenizerError.UnsupportedSetting, $"The tokenizer's {component} has the pattern '{TokenizerJson.Quote(regex)}', which this version of Coffer does not read. Use a newer version.");
    }
}
