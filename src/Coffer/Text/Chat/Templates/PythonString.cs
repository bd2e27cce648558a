using System.Buffers;
using System.Globalization;
using System.Text;

namespace Coffer.Text.Templates;

/// <summary>What Python's <c>str</c> does where .NET does otherwise: white space, code points, escapes.</summary>
internal static class PythonString
{
    /// <summary>The white space of <c>str.isspace</c>: .NET's, and the four separators of ASCII.</summary>
    private const string Spaces = "\t\n\v\f\r\u001C\u001D\u001E\u001F \u0085\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A\u2028\u2029\u202F\u205F\u3000";

    private static readonly char[] SpaceArray = Spaces.ToCharArray();

    public static SearchValues<char> WhiteSpace { get; } = SearchValues.Create(Spaces);

    public static bool IsWhiteSpace(char c) => WhiteSpace.Contains(c);

    public static string Trim(string text) => text.Trim(SpaceArray);

    public static string TrimStart(string text) => text.TrimStart(SpaceArray);

    public static string TrimEnd(string text) => text.TrimEnd(SpaceArray);

    /// <summary>The text's code points, each a text; half a surrogate pair is one too.</summary>
    public static List<string> Characters(string text)
    {
        var characters = new List<string>(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            var length = LengthAt(text, at);
            characters.Add(text.Substring(at, length));
            at += length - 1;
        }

        return characters;
    }

    public static int Length(string text)
    {
        var count = 0;
        for (var at = 0; at < text.Length; at += LengthAt(text, at))
        {
            count++;
        }

        return count;
    }

    /// <summary>The text of a literal (the codec <c>unicode_escape</c>); an unknown escape stays as it is.</summary>
    public static string Unescape(ReadOnlySpan<char> literal, TemplatePosition position)
    {
        if (!literal.Contains('\\'))
        {
            return literal.ToString();
        }

        var text = new StringBuilder(literal.Length);
        for (var at = 0; at < literal.Length; at++)
        {
            if (literal[at] != '\\')
            {
                text.Append(literal[at]);
                continue;
            }

            at++;
            at += AppendEscape(text, literal[at..], position);
        }

        return text.ToString();
    }

    /// <summary>Appends what an escape means and returns how many characters follow its first.</summary>
    private static int AppendEscape(StringBuilder text, ReadOnlySpan<char> escape, TemplatePosition position)
    {
        switch (escape[0])
        {
            case 'n': text.Append('\n'); return 0;
            case 't': text.Append('\t'); return 0;
            case 'r': text.Append('\r'); return 0;
            case 'a': text.Append('\a'); return 0;
            case 'b': text.Append('\b'); return 0;
            case 'f': text.Append('\f'); return 0;
            case 'v': text.Append('\v'); return 0;
            case '\\' or '\'' or '"': text.Append(escape[0]); return 0;
            case '\n': return 0;
            case 'x': return AppendHex(text, escape, 2, position);
            case 'u': return AppendHex(text, escape, 4, position);
            case 'U': return AppendHex(text, escape, 8, position);
            case 'N': throw position.Error(TextTemplateError.Unsupported, "an escape names a character; write it as it is, or as \\uXXXX.");
            case >= '0' and <= '7': return AppendOctal(text, escape);
            default: text.Append('\\').Append(escape[0]); return 0;
        }
    }

    private static int AppendHex(StringBuilder text, ReadOnlySpan<char> escape, int length, TemplatePosition position)
    {
        if (escape.Length <= length || !uint.TryParse(escape.Slice(1, length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) || code > 0x10FFFF)
        {
            throw position.Error(TextTemplateError.Syntax, $"the escape '\\{escape[0]}' needs {length} hexadecimal digits of a character.");
        }

        if (code <= 0xFFFF)
        {
            text.Append((char)code);
        }
        else
        {
            text.Append(char.ConvertFromUtf32((int)code));
        }

        return length;
    }

    private static int AppendOctal(StringBuilder text, ReadOnlySpan<char> escape)
    {
        var code = 0;
        var length = 0;
        for (; length < 3 && length < escape.Length && escape[length] is >= '0' and <= '7'; length++)
        {
            code = (code * 8) + escape[length] - '0';
        }

        text.Append((char)code);
        return length - 1;
    }

    private static int LengthAt(string text, int at) => char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;
}
