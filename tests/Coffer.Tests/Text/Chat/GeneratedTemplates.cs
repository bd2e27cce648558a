using System.Text;

namespace Coffer.Tests.Text;

/// <summary>
/// Templates made at random from what Jinja and transformers.js agree on. (transformers.js prints truth values and lists as JavaScript does, indexes
/// texts by UTF-16, keeps a loop's variables from round to round, gives a macro the variables of its caller, compares lists
/// by identity, gives a remainder the dividend's sign, and has no operand of a test without brackets, no filter after a test, no map or select of filters and tests: those stay out.)
/// </summary>
internal sealed class GeneratedTemplates(int seed)
{
    private static readonly string[] Literals = ["''", "'a'", "\"b c\"", "'Hello, World'", "' x\\n'", "'é'", "'a-b-a'", "'日本'", "'0'", "'{{'"];

    private readonly Random _random = new(seed);
    private readonly List<string> _numbers = [];
    private readonly List<string> _texts = [];
    private int _names;

    public IEnumerable<string> Take(int count)
    {
        for (var i = 0; i < count; i++)
        {
            _numbers.Clear();
            _texts.Clear();
            _names = 0;
            var template = new StringBuilder();
            Body(template, 3);
            yield return template.ToString();
        }
    }

    private void Body(StringBuilder to, int depth)
    {
        for (var i = _random.Next(1, 5); i > 0; i--)
        {
            to.Append(Pick("", "", "text", " ", "\n", "\n\n", "  ", "\n  ", "a\n\t", " b "));
            Statement(to, depth);
        }

        to.Append(Pick("", "\n", " end\n", "\n "));
    }

    private void Statement(StringBuilder to, int depth)
    {
        switch (_random.Next(depth == 0 ? 4 : 9))
        {
            case 0: to.Append(Open("{{")).Append(Text(3)).Append(Close("}}")); break;
            case 1: to.Append(Open("{{")).Append(Number(3)).Append(Close("}}")); break;
            case 2: to.Append(Open("{{")).Append(Pick(Truth(2), List(2), Map(2))).Append(" | tojson").Append(Close("}}")); break;
            case 3: to.Append(Open("{#")).Append(" note ").Append(Close("#}")); break;
            case 4: Set(to); break;
            case 5: If(to, depth - 1); break;
            case 6: For(to, depth - 1); break;
            case 7: Macro(to); break;
            default: Capture(to, depth - 1); break;
        }
    }

    private void Set(StringBuilder to)
    {
        var name = $"v{_names++}";
        var isText = _random.Next(2) == 0;
        to.Append(Tag($"set {name} = {(isText ? Text(2) : Number(2))}"));
        (isText ? _texts : _numbers).Add(name);
    }

    private void If(StringBuilder to, int depth)
    {
        to.Append(Tag("if " + Truth(2)));
        Scoped(to, depth);
        if (_random.Next(2) == 0)
        {
            to.Append(Tag("elif " + Truth(2)));
            Scoped(to, depth);
        }

        if (_random.Next(2) == 0)
        {
            to.Append(Tag("else"));
            Scoped(to, depth);
        }

        to.Append(Tag("endif"));
    }

    private void For(StringBuilder to, int depth)
    {
        var name = $"v{_names++}";
        var before = (_numbers.Count, _texts.Count);
        var texts = _random.Next(2) == 0;
        to.Append(Tag($"for {name} in {(texts ? $"[{Text(1)}, {Text(1)}]" : $"range({_random.Next(4)})")}{(_random.Next(3) == 0 ? $" if {(texts ? name + " != 'a'" : name + " is odd")}" : "")}"));
        (texts ? _texts : _numbers).Add(name);
        _numbers.AddRange(["loop.index", "loop.revindex0", "loop.length"]);
        Scoped(to, depth);
        _numbers.RemoveRange(before.Item1, _numbers.Count - before.Item1);
        _texts.RemoveRange(before.Item2, _texts.Count - before.Item2);
        if (_random.Next(3) == 0)
        {
            to.Append(Tag("else"));
            Scoped(to, 0);
        }

        to.Append(Tag("endfor"));
    }

    private void Macro(StringBuilder to)
    {
        var name = $"m{_names++}";
        to.Append(Tag($"macro {name}(p, q={_random.Next(20)})")).Append(Open("{{")).Append("p ~ '/' ~ q").Append(Close("}}")).Append(Tag("endmacro"));
        _texts.Add(_random.Next(2) == 0 ? $"{name}({Text(1)})" : $"{name}(q={Number(1)}, p={Text(1)})");
    }

    private void Capture(StringBuilder to, int depth)
    {
        var name = $"v{_names++}";
        to.Append(Tag("set " + name));
        Scoped(to, depth);
        to.Append(Tag("endset"));
        _texts.Add(name);
    }

    // Jinja keeps to a block what is set in it, or not, by the kind of block; templates that rely on it stay out.
    private void Scoped(StringBuilder to, int depth)
    {
        var before = (_numbers.Count, _texts.Count);
        Body(to, Math.Max(depth, 0));
        _numbers.RemoveRange(before.Item1, _numbers.Count - before.Item1);
        _texts.RemoveRange(before.Item2, _texts.Count - before.Item2);
    }

    private string Text(int depth) => depth == 0 || _random.Next(4) == 0
        ? _texts.Count > 0 && _random.Next(2) == 0 ? _texts[_random.Next(_texts.Count)] : Pick(Literals)
        : _random.Next(12) switch
        {
            0 => $"({Text(depth - 1)} + {Text(depth - 1)})",
            1 => $"({Text(depth - 1)} ~ {Number(depth - 1)})",
            2 => $"({Text(depth - 1)}) | {Pick("upper", "lower", "trim", "trim | upper")}",
            3 => $"({Text(depth - 1)}).{Pick("strip", "lstrip", "rstrip", "upper", "lower")}()",
            4 => $"({Text(depth - 1)})[{Pick("0:2", "1:", ":-1", "::2", "::-1", "-2:")}]",
            5 => $"({Text(depth - 1)} if {Truth(depth - 1)} else {Text(depth - 1)})",
            6 => $"({Text(depth - 1)}).replace({Pick("'a'", "'l'", "' '")}, {Text(0)})",
            7 => $"({Text(depth - 1)}).split({Pick("'a'", "' '", "'-'")}) | join({Pick("'+'", "', '")})",
            8 => $"(({List(depth - 1)} + ['z']) | first) | string",
            9 => $"({Number(depth - 1)}) | string",
            10 => $"({Map(depth - 1)}).{Pick("get('k', 'none')", "items() | list | length", "keys() | list | join('.')")} | string",
            _ => $"({Text(depth - 1)}) | replace({Pick("'a'", "'o'")}, {Text(0)})",
        };

    private string Number(int depth) => depth == 0 || _random.Next(4) == 0
        ? _numbers.Count > 0 && _random.Next(2) == 0 ? _numbers[_random.Next(_numbers.Count)] : $"{_random.Next(20)}"
        : _random.Next(9) switch
        {
            0 => $"({Number(depth - 1)} + {Number(depth - 1)})",
            1 => $"({Number(depth - 1)} - {Number(depth - 1)})",
            2 => $"({Number(depth - 1)} * {Number(depth - 1)})",
            3 => $"({_random.Next(40)} % {_random.Next(1, 9)})",
            4 => $"({Number(depth - 1)} // {_random.Next(1, 9)})",
            5 => $"({Text(depth - 1)}) | length",
            6 => $"({List(depth - 1)}) | length",
            7 => $"({Number(depth - 1)}) | abs",
            _ => $"({Number(depth - 1)} if {Truth(depth - 1)} else {Number(depth - 1)})",
        };

    private string Truth(int depth) => depth <= 0
        ? Pick("true", "false")
        : _random.Next(11) switch
        {
            0 => $"({Number(depth - 1)} {Pick("<", "<=", ">", ">=", "==", "!=")} {Number(depth - 1)})",
            1 => $"({Text(depth - 1)} {Pick("==", "!=")} {Text(depth - 1)})",
            2 => $"({Text(depth - 1)} {Pick("in", "not in")} {Text(depth - 1)})",
            3 => $"(not {Truth(depth - 1)})",
            4 => $"({Truth(depth - 1)} {Pick("and", "or")} {Truth(depth - 1)})",
            5 => $"(missing is {Pick("defined", "not defined", "undefined")})",
            6 => $"(({Text(depth - 1)}) is {Pick("string", "not string", "none", "mapping")})",
            7 => $"(({Number(depth - 1)}) is {Pick("odd", "even", "number", "integer", "string")})",
            8 => $"({Text(depth - 1)}).{Pick("startswith('a')", "endswith('b')", "startswith(('a', 'H'))")}",
            9 => $"({Text(0)} in {List(depth - 1)})",
            _ => $"('k' in {Map(depth - 1)})",
        };

    private string List(int depth) => depth <= 0
        ? $"[{Text(0)}, {Text(0)}]"
        : _random.Next(7) switch
        {
            0 => $"[{Text(depth - 1)}, {Text(depth - 1)}, {Text(0)}]",
            1 => $"({List(depth - 1)} + {List(depth - 1)})",
            2 => $"({List(depth - 1)} | {Pick("reverse | list", "list", "sort", "unique | list")})",
            3 => $"({List(depth - 1)})[{Pick("1:", ":1", "::-1", "-1:")}]",
            4 => $"(({Text(depth - 1)}).split({Pick("'a'", "' '")}) + ['q'])",
            5 => $"([{Map(0)}, {Map(0)}] | map(attribute='k') | list)",
            _ => $"([{Map(0)}] | {Pick("selectattr", "rejectattr")}('k', 'equalto', {Pick(Literals)}) | map(attribute='k') | list + ['r'])",
        };

    private string Map(int depth) => $"{{'k': {Text(Math.Max(depth - 1, 0))}, 'n': {Number(0)}}}";

    private string Tag(string content) => Open("{%") + content + Close("%}");

    private string Open(string open) => open + Pick(" ", " ", "- ");

    private string Close(string close) => Pick(" ", " ", " -") + close;

    private string Pick(params string[] choices) => choices[_random.Next(choices.Length)];
}
