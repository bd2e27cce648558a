using System.Buffers;

namespace Coffer.Bundles;

/// <summary>
/// The names that a manifest may hold (FORMAT.md §3). They reach file systems, URLs, logs and licenses, so the alphabet is
/// small and nothing in it means "elsewhere".
/// </summary>
internal static class BundleNames
{
    public const int MaxPartName = 200;

    /// <summary>Publisher or model name: 1 to 64 of a-z, 0-9, '.', '_', '-', beginning and ending with a letter or digit.</summary>
    public static bool IsName(ReadOnlySpan<char> text) =>
        text.Length is > 0 and <= 64
        && IsLowerOrDigit(text[0])
        && IsLowerOrDigit(text[^1])
        && !text.ContainsAnyExcept(NameCharacters);

    /// <summary><c>publisher/name</c> of that publisher.</summary>
    public static bool IsId(ReadOnlySpan<char> text, ReadOnlySpan<char> publisher) =>
        text.Length > publisher.Length + 1
        && text.StartsWith(publisher)
        && text[publisher.Length] == '/'
        && IsName(text[(publisher.Length + 1)..]);

    /// <summary>A task: 1 to 64 of a-z, 0-9, '-'.</summary>
    public static bool IsTask(ReadOnlySpan<char> text) =>
        text.Length is > 0 and <= 64 && !text.ContainsAnyExcept(TaskCharacters);

    /// <summary>A key id: 1 to 128 of A-Z, a-z, 0-9, '.', '_', '-'.</summary>
    public static bool IsKeyId(ReadOnlySpan<char> text) =>
        text.Length is > 0 and <= 128 && !text.ContainsAnyExcept(KeyIdCharacters);

    /// <summary>A part: segments of A-Z, a-z, 0-9, '.', '_', '-', '@' with '/' between; no segment is '.' or '..'.</summary>
    public static bool IsPartName(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > MaxPartName)
        {
            return false;
        }

        foreach (var range in text.Split('/'))
        {
            var segment = text[range];
            if (segment.IsEmpty || segment is "." or ".." || segment.ContainsAnyExcept(PartCharacters))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsLowerOrDigit(char c) => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c);

    private const string Lower = "abcdefghijklmnopqrstuvwxyz0123456789-";
    private const string Upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    private static readonly SearchValues<char> TaskCharacters = SearchValues.Create(Lower);
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create(Lower + "._");
    private static readonly SearchValues<char> KeyIdCharacters = SearchValues.Create(Lower + Upper + "._");
    private static readonly SearchValues<char> PartCharacters = SearchValues.Create(Lower + Upper + "._@");
}
