using System.Text;

namespace Coffer.Text.Templates;

/// <summary>Upper and lower case of whole texts, character by character (Unicode's simple mappings).</summary>
internal static class TextCase
{
    public static string Capitalize(string text) => text.Length == 0 ? text : text[..1].ToUpperInvariant() + text[1..].ToLowerInvariant();

    /// <summary><c>str.title</c>: a letter after anything that is no letter begins a word.</summary>
    public static string Title(string text)
    {
        var title = new StringBuilder(text.Length);
        var inWord = false;
        foreach (var c in text)
        {
            title.Append(inWord ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c));
            inWord = char.IsLetter(c);
        }

        return title.ToString();
    }

    /// <summary>Jinja's filter: words begin after white space, hyphens and opening brackets.</summary>
    public static string TitleWords(string text)
    {
        var title = new StringBuilder(text.Length);
        var starts = true;
        foreach (var c in text)
        {
            title.Append(starts ? char.ToUpperInvariant(c) : char.ToLowerInvariant(c));
            starts = c is '-' or '(' or '{' or '[' or '<' || PythonString.IsWhiteSpace(c);
        }

        return title.ToString();
    }

    public static string Swap(string text) => string.Concat(text.Select(c => char.IsUpper(c) ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c)));
}
