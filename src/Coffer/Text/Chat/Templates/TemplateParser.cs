namespace Coffer.Text.Templates;

/// <summary>Parses a whole template into statements.</summary>
internal sealed class TemplateParser
{
    private readonly TemplateReader _reader;
    private readonly ExpressionParser _expressions;
    private readonly TargetParser _targets;
    private int _loops;

    private TemplateParser(TemplateReader reader)
    {
        _reader = reader;
        _expressions = new(reader);
        _targets = new(reader, _expressions);
    }

    /// <exception cref="TextTemplateException">The template is not in the language, or nests too deep.</exception>
    public static Statement Parse(string template)
    {
        var parser = new TemplateParser(new(TemplateLexer.Read(template)));
        var body = parser.ParseBody();
        return parser._reader.Current.Kind == TemplateTokenKind.End ? body : throw parser._reader.Ahead.Position.Error(
            TextTemplateError.Syntax, $"'{TokenizerJson.Quote(parser._reader.Ahead.Text)}' ends or continues nothing.");
    }

    /// <summary>The statements up to a block that ends or continues something, whose beginning is then the current token.</summary>
    private BlockStatement ParseBody(params ReadOnlySpan<string> ends)
    {
        _reader.Enter();
        var position = _reader.Current.Position;
        var statements = new List<Statement>();
        while (true)
        {
            var token = _reader.Current;
            switch (token.Kind)
            {
                case TemplateTokenKind.Text:
                    _reader.Take();
                    statements.Add(new TextStatement(token.Position, token.Text));
                    break;
                case TemplateTokenKind.VariableBegin:
                    _reader.Take();
                    statements.Add(new OutputStatement(token.Position, _expressions.ParseTuple()));
                    _reader.Expect(TemplateTokenKind.VariableEnd, "'}}'");
                    break;
                case TemplateTokenKind.BlockBegin when !IsEnd(_reader.Ahead.Text):
                    _reader.Take();
                    statements.Add(ParseStatement());
                    break;
                case TemplateTokenKind.End when ends.Length > 0:
                    throw _reader.Unexpected($"'{ends[^1]}'");
                default:
                    return new(position, statements);
            }
        }
    }

    private static bool IsEnd(string name) => name is "elif" or "else" || name.StartsWith("end", StringComparison.Ordinal);

    private Statement ParseStatement()
    {
        var name = _reader.Expect(TemplateTokenKind.Name, "the name of a statement");
        switch (name.Text)
        {
            case "if":
                return ParseIf(name.Position);
            case "for":
                return ParseFor(name.Position);
            case "set":
                return ParseSet(name.Position);
            case "macro":
                var macro = _reader.Expect(TemplateTokenKind.Name, "the name of the macro").Text;
                return new MacroStatement(name.Position, ParseMacroBody(macro, _targets.ParseParameters(), "endmacro"));
            case "call":
                return ParseCall(name.Position);
            case "filter":
                return ParseFilter(name.Position);
            case "with":
                return ParseWith(name.Position);
            case "generation":
                EndTag();
                var body = ParseBody("endgeneration");
                EndBlock("endgeneration");
                return new BlockStatement(name.Position, [body], []);
            case "break" or "continue":
                EndTag();
                if (_loops == 0)
                {
                    throw name.Position.Error(TextTemplateError.Syntax, $"'{name.Text}' stands outside of a loop.");
                }

                return new FlowStatement(name.Position, name.Text == "break" ? TemplateFlow.Break : TemplateFlow.Continue);
            default:
                throw name.Position.Error(TextTemplateError.Unsupported, $"the statement '{TokenizerJson.Quote(name.Text)}' is not one that chat templates have in Coffer.");
        }
    }

    private IfStatement ParseIf(TemplatePosition position)
    {
        var branches = new List<(Expression, Statement)>();
        do
        {
            var condition = _expressions.ParseTuple();
            EndTag();
            branches.Add((condition, ParseBody("endif")));
        }
        while (Continues("elif"));
        return new(position, branches, ParseElse("endif"));
    }

    private ForStatement ParseFor(TemplatePosition position)
    {
        var target = _targets.Parse();
        if (!_reader.SkipName("in"))
        {
            throw _reader.Unexpected("'in'");
        }

        var iterable = _expressions.ParseTuple(withConditional: false);
        var condition = _reader.SkipName("if") ? _expressions.Parse() : null;
        if (_reader.IsName("recursive"))
        {
            throw _reader.Current.Position.Error(TextTemplateError.Unsupported, "loops that call themselves ('recursive') are not in Coffer.");
        }

        EndTag();
        _loops++;
        var body = ParseBody("endfor");
        _loops--;
        return new(position, target, iterable, condition, body, ParseElse("endfor"));
    }

    private Statement ParseElse(string end)
    {
        var position = _reader.Current.Position;
        Statement otherwise = new BlockStatement(position, []);
        if (Continues("else"))
        {
            EndTag();
            otherwise = ParseBody(end);
        }

        EndBlock(end);
        return otherwise;
    }

    private Statement ParseSet(TemplatePosition position)
    {
        var target = _targets.ParseAssigned();
        if (_reader.SkipOperator("="))
        {
            var value = _expressions.ParseTuple();
            EndTag();
            return new SetStatement(position, target, value);
        }

        return ParseCapture(position, target, "endset");
    }

    private CaptureStatement ParseFilter(TemplatePosition position) => ParseCapture(position, null, "endfilter");

    /// <summary>A body whose text goes through filters, which are read first: the chain is kept with a place for the text.</summary>
    private CaptureStatement ParseCapture(TemplatePosition position, Expression? target, string end)
    {
        Expression text = new NameExpression(position, CaptureStatement.CapturedText);
        if (target is null)
        {
            var name = _reader.Expect(TemplateTokenKind.Name, "the name of a filter").Text;
            text = new FilterExpression(position, text, name, _reader.IsOperator("(") ? _expressions.ParseArguments() : CallArguments.None);
        }

        text = _expressions.ParseFilters(text);
        EndTag();
        var body = ParseBody(end);
        EndBlock(end);
        return new(position, target, body, text);
    }

    private CallStatement ParseCall(TemplatePosition position)
    {
        var parameters = _reader.IsOperator("(") ? _targets.ParseParameters() : [];
        var call = _expressions.Parse() as CallExpression ?? throw position.Error(TextTemplateError.Syntax, "a call block calls a macro: {% call name() %}.");
        return new(position, call, ParseMacroBody(MacroStatement.Caller, parameters, "endcall"));
    }

    private BlockStatement ParseWith(TemplatePosition position)
    {
        var variables = new List<(Expression, Expression)>();
        while (_reader.Current.Kind != TemplateTokenKind.BlockEnd)
        {
            if (variables.Count > 0)
            {
                _reader.ExpectOperator(",");
            }

            var target = _targets.ParseSingle();
            _reader.ExpectOperator("=");
            variables.Add((target, _expressions.Parse()));
        }

        EndTag();
        var body = ParseBody("endwith");
        EndBlock("endwith");
        return new(position, [body], variables);
    }

    private Macro ParseMacroBody(string name, List<(string, Expression?)> parameters, string end)
    {
        EndTag();
        var start = _reader.At;
        var loops = _loops;
        _loops = 0;
        var body = ParseBody(end);
        _loops = loops;
        var (more, named) = (_reader.Speaks("varargs", start), _reader.Speaks("kwargs", start));
        EndBlock(end);
        return new(name, parameters, body, more, named);
    }

    private bool Continues(string name)
    {
        if (_reader.Current.Kind != TemplateTokenKind.BlockBegin || !_reader.Ahead.Is(TemplateTokenKind.Name, name))
        {
            return false;
        }

        _reader.Take();
        _reader.Take();
        return true;
    }

    private void EndBlock(string name)
    {
        if (!Continues(name))
        {
            throw _reader.Ahead.Position.Error(TextTemplateError.Syntax, $"'{name}' should stand here, not '{TokenizerJson.Quote(_reader.Ahead.Text)}'.");
        }

        if (name == "endmacro" && _reader.Current.Kind == TemplateTokenKind.Name)
        {
            _reader.Take();
        }

        EndTag();
    }

    private void EndTag() => _reader.Expect(TemplateTokenKind.BlockEnd, "'%}'");
}
