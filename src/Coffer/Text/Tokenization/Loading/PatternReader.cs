using System.Buffers;
using System.Text.Json;

namespace Coffer.Text;

/// <summary>Reads a component's pattern: plain text, or a regular expression.</summary>
internal static class PatternReader
{
    // A regular expression without any of these is plain text.
    private static readonly SearchValues<char> Special = SearchValues.Create(@"\^$.|?*+()[]{}");

    public static WordMatcher Read(JsonElement config)
    {
        var pattern = config.Member("pattern") ?? throw TokenizerJson.Wrong("pattern", "an object");
        return pattern.Text("Regex") is not { } regex ? new LiteralMatcher(pattern.RequiredText("String"))
            : regex.AsSpan().IndexOfAny(Special) < 0 ? new LiteralMatcher(regex)
            : new RegexMatcher(regex);
    }
}
