using System.Text.RegularExpressions;

namespace Coffer.Text.Templates;

/// <summary>
/// Cuts a template into text and tags as Jinja 3.1 does with <c>trim_blocks</c> and <c>lstrip_blocks</c>, which transformers sets
/// (jinja2/lexer.py): a block's line loses its indentation and its line end, <c>-</c> strips all white space on its side, <c>+</c> none.
/// </summary>
internal sealed partial class TemplateLexer
{
    private readonly string _source;
    private readonly List<TemplateToken> _tokens = [];
    private readonly TagLexer _tags;
    private int _at;
    private bool _lineStarts = true;

    private TemplateLexer(string source)
    {
        _source = source;
        _tags = new(source, _tokens);
    }

    public static List<TemplateToken> Read(string template)
    {
        var lexer = new TemplateLexer(NormalizeLineEnds(template));
        lexer.ReadAll();
        return lexer._tokens;
    }

    // jinja2/lexer.py, tokeniter: every kind of line end counts as one, and one at the very end does not count.
    private static string NormalizeLineEnds(string template)
    {
        var source = template.Contains('\r') ? template.Replace("\r\n", "\n").Replace('\r', '\n') : template;
        return source.EndsWith('\n') ? source[..^1] : source;
    }

    private void ReadAll()
    {
        while (_at < _source.Length)
        {
            var tag = FindTag(_at);
            if (tag < 0)
            {
                AddText(_source[_at..]);
                break;
            }

            var sign = tag + 2 < _source.Length ? _source[tag + 2] : '\0';
            AddText(Strip(_source[_at..tag], sign, isBlock: _source[tag + 1] != '{'));
            _at = tag;
            ReadTag(sign is '-' or '+' ? 3 : 2);
        }

        _tokens.Add(new(TemplateTokenKind.End, "", null, _tags.PositionOf(_source.Length)));
    }

    private int FindTag(int from)
    {
        for (var at = _source.IndexOf('{', from); at >= 0 && at + 1 < _source.Length; at = _source.IndexOf('{', at + 1))
        {
            if (_source[at + 1] is '%' or '{' or '#')
            {
                return at;
            }
        }

        return -1;
    }

    private string Strip(string text, char sign, bool isBlock)
    {
        if (sign == '-')
        {
            return PythonString.TrimEnd(text);
        }

        var line = text.LastIndexOf('\n') + 1;
        var indents = isBlock && sign != '+' && (line > 0 || _lineStarts);
        return indents && text.AsSpan(line).IndexOfAnyExcept(PythonString.WhiteSpace) < 0 ? text[..line] : text;
    }

    private void ReadTag(int length)
    {
        var begin = _at;
        if (_source[begin + 1] == '#')
        {
            ReadComment(begin);
            return;
        }

        if (_source[begin + 1] == '%' && RawBegin().Match(_source, begin) is { Success: true } raw)
        {
            ReadRaw(raw);
            return;
        }

        var isBlock = _source[begin + 1] == '%';
        _at = _tags.Read(begin, begin + length, isBlock);
        if (isBlock && _source[_at - 3] is not ('-' or '+') && _at < _source.Length && _source[_at] == '\n')
        {
            _at++;
        }
        else if (_source[_at - 3] == '-')
        {
            SkipWhiteSpace();
        }

        _lineStarts = _source[_at - 1] == '\n';
    }

    private void ReadComment(int begin)
    {
        var end = _source.IndexOf("#}", begin + 2, StringComparison.Ordinal);
        if (end < 0)
        {
            throw _tags.PositionOf(begin).Error(TextTemplateError.Syntax, "a comment has no end; close it with '#}'.");
        }

        _at = end + 2;
        SkipAfterEnd(_source[end - 1]);
    }

    private void ReadRaw(Match raw)
    {
        _at = raw.Index + raw.Length;
        if (raw.Value[^3] == '-')
        {
            SkipWhiteSpace();
        }

        _lineStarts = _source[_at - 1] == '\n';
        var end = RawEnd().Match(_source, _at);
        if (!end.Success)
        {
            throw _tags.PositionOf(raw.Index).Error(TextTemplateError.Syntax, "a raw block has no end; close it with 'endraw'.");
        }

        AddText(Strip(_source[_at..end.Index], end.Value[2], isBlock: true));
        _at = end.Index + end.Length;
        SkipAfterEnd(end.Value[^3]);
    }

    private void SkipAfterEnd(char sign)
    {
        if (sign == '-')
        {
            SkipWhiteSpace();
        }
        else if (sign != '+' && _at < _source.Length && _source[_at] == '\n')
        {
            _at++;
        }

        _lineStarts = _source[_at - 1] == '\n';
    }

    private void SkipWhiteSpace()
    {
        while (_at < _source.Length && PythonString.IsWhiteSpace(_source[_at]))
        {
            _at++;
        }
    }

    private void AddText(string text)
    {
        if (text.Length > 0)
        {
            _tokens.Add(new(TemplateTokenKind.Text, text, null, _tags.PositionOf(_at)));
        }
    }

    [GeneratedRegex(@"\G\{%[-+]?\s*raw\s*-?%\}", RegexOptions.CultureInvariant)]
    private static partial Regex RawBegin();

    [GeneratedRegex(@"\{%[-+]?\s*endraw\s*[-+]?%\}", RegexOptions.CultureInvariant)]
    private static partial Regex RawEnd();
}
