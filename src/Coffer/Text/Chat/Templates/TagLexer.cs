using System.Globalization;
using System.Text.RegularExpressions;

namespace Coffer.Text.Templates;

/// <summary>Reads what stands inside a tag: names, literals and operators (jinja2/lexer.py, TOKEN_*).</summary>
internal sealed partial class TagLexer(string source, List<TemplateToken> tokens)
{
    private static readonly string[] Operators =
        ["//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",", ";"];

    private readonly int[] _lines = [.. LineStarts(source)];

    /// <summary>Reads a tag and returns where it ends. Its end is one only outside of brackets, so that <c>{{ {'a': {}} }}</c> is read.</summary>
    public int Read(int begin, int at, bool isBlock)
    {
        tokens.Add(new(isBlock ? TemplateTokenKind.BlockBegin : TemplateTokenKind.VariableBegin, source[begin..at], null, PositionOf(begin)));
        var end = isBlock ? "%}" : "}}";
        for (var depth = 0; ;)
        {
            while (at < source.Length && PythonString.IsWhiteSpace(source[at]))
            {
                at++;
            }

            if (at >= source.Length)
            {
                throw PositionOf(begin).Error(TextTemplateError.Syntax, $"a tag has no end; close it with '{end}'.");
            }

            var signed = source[at] == '-' || (isBlock && source[at] == '+') ? 1 : 0;
            if (depth == 0 && string.CompareOrdinal(source, at + signed, end, 0, 2) == 0)
            {
                tokens.Add(new(isBlock ? TemplateTokenKind.BlockEnd : TemplateTokenKind.VariableEnd, end, null, PositionOf(at)));
                return at + signed + 2;
            }

            at = ReadToken(at);
            depth += tokens[^1] is { Kind: TemplateTokenKind.Operator } bracket ? bracket.Text switch
            {
                "(" or "[" or "{" => 1,
                ")" or "]" or "}" => -1,
                _ => 0,
            } : 0;
            if (depth < 0)
            {
                throw tokens[^1].Position.Error(TextTemplateError.Syntax, $"'{tokens[^1].Text}' closes nothing.");
            }
        }
    }

    public TemplatePosition PositionOf(int at)
    {
        var line = Array.BinarySearch(_lines, at);
        line = line < 0 ? ~line - 1 : line;
        return new(line + 1, at - _lines[line] + 1);
    }

    private int ReadToken(int at)
    {
        var first = source[at];
        if (char.IsLetter(first) || first == '_')
        {
            var end = at;
            while (end < source.Length && (char.IsLetterOrDigit(source[end]) || source[end] == '_'))
            {
                end++;
            }

            return Add(TemplateTokenKind.Name, at, end, null);
        }

        if (char.IsAsciiDigit(first))
        {
            return ReadNumber(at);
        }

        if (first is '\'' or '"')
        {
            return ReadString(at);
        }

        var found = Array.Find(Operators, text => string.CompareOrdinal(source, at, text, 0, text.Length) == 0);
        return found is not null
            ? Add(TemplateTokenKind.Operator, at, at + found.Length, null)
            : throw PositionOf(at).Error(TextTemplateError.Syntax, $"'{first}' has no meaning inside a tag.");
    }

    private int ReadNumber(int at)
    {
        // A number after a point is an index (a.0.1), not the fraction of a float.
        var isIndex = tokens[^1].Is(TemplateTokenKind.Operator, ".");
        if (!isIndex && Float().Match(source, at) is { Success: true } real)
        {
            return Add(TemplateTokenKind.Number, at, at + real.Length, double.Parse(real.Value.Replace("_", "", StringComparison.Ordinal), CultureInfo.InvariantCulture));
        }

        var digits = Integer().Match(source, at);
        return Add(TemplateTokenKind.Number, at, at + digits.Length, ParseInteger(digits.Value.Replace("_", "", StringComparison.Ordinal), at));
    }

    private long ParseInteger(string digits, int at)
    {
        var (style, number) = digits.Length > 2 ? digits[1] switch
        {
            'x' or 'X' => (NumberStyles.AllowHexSpecifier, digits[2..]),
            'b' or 'B' => (NumberStyles.AllowBinarySpecifier, digits[2..]),
            _ => (NumberStyles.None, digits),
        } : (NumberStyles.None, digits);
        return long.TryParse(number, style, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw PositionOf(at).Error(TextTemplateError.Unsupported, $"the number {TokenizerJson.Quote(digits)} does not fit 64 bits.");
    }

    private int ReadString(int at)
    {
        for (var end = at + 1; end < source.Length; end++)
        {
            if (source[end] == '\\')
            {
                end++;
            }
            else if (source[end] == source[at])
            {
                return Add(TemplateTokenKind.String, at, end + 1, PythonString.Unescape(source.AsSpan(at + 1, end - at - 1), PositionOf(at)));
            }
        }

        throw PositionOf(at).Error(TextTemplateError.Syntax, "a text has no closing quote.");
    }

    private int Add(TemplateTokenKind kind, int begin, int end, object? value)
    {
        tokens.Add(new(kind, source[begin..end], value, PositionOf(begin)));
        return end;
    }

    private static IEnumerable<int> LineStarts(string source)
    {
        yield return 0;
        for (var at = source.IndexOf('\n'); at >= 0; at = source.IndexOf('\n', at + 1))
        {
            yield return at + 1;
        }
    }

    [GeneratedRegex(@"\G[0-9](?:_?[0-9])*(?:(?:\.[0-9](?:_?[0-9])*)?[eE][-+]?[0-9](?:_?[0-9])*|\.[0-9](?:_?[0-9])*)", RegexOptions.CultureInvariant)]
    private static partial Regex Float();

    [GeneratedRegex(@"\G(?:0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|[0-9](?:_?[0-9])*)", RegexOptions.CultureInvariant)]
    private static partial Regex Integer();
}
