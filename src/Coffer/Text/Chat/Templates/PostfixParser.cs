using System.Globalization;

namespace Coffer.Text.Templates;

/// <summary>Parses literals and names, and what can follow a value: attributes, items, calls, filters, tests.</summary>
internal sealed class PostfixParser(TemplateReader reader)
{
    public Expression ParsePrimary(ExpressionParser expressions)
    {
        var token = reader.Take();
        switch (token.Kind)
        {
            case TemplateTokenKind.Name:
                return token.Text switch
                {
                    "true" or "True" => new LiteralExpression(token.Position, true),
                    "false" or "False" => new LiteralExpression(token.Position, false),
                    "none" or "None" => new LiteralExpression(token.Position, null),
                    _ => new NameExpression(token.Position, token.Text),
                };
            case TemplateTokenKind.Number:
                return new LiteralExpression(token.Position, token.Value);
            case TemplateTokenKind.String:
                var text = (string)token.Value!;
                while (reader.Current.Kind == TemplateTokenKind.String)
                {
                    text += (string)reader.Take().Value!;
                }

                return new LiteralExpression(token.Position, text);
            case TemplateTokenKind.Operator when token.Text == "(":
                return ParseBrackets(token.Position, expressions);
            case TemplateTokenKind.Operator when token.Text == "[":
                return ParseList(token.Position, expressions);
            case TemplateTokenKind.Operator when token.Text == "{":
                return ParseMap(token.Position, expressions);
            default:
                throw token.Position.Error(TextTemplateError.Syntax, token.Kind == TemplateTokenKind.End ? "the template ends within an expression." : $"a value should stand here, not '{TokenizerJson.Quote(token.Text)}'.");
        }
    }

    public Expression Parse(Expression value, ExpressionParser expressions)
    {
        while (true)
        {
            var position = reader.Current.Position;
            if (reader.SkipOperator("."))
            {
                value = ParseAttribute(value, position);
            }
            else if (reader.SkipOperator("["))
            {
                value = ParseItem(value, position, expressions);
            }
            else if (reader.IsOperator("("))
            {
                value = new CallExpression(position, value, ParseArguments(expressions));
            }
            else
            {
                return value;
            }
        }
    }

    public Expression ParseFilters(Expression value, ExpressionParser expressions)
    {
        while (true)
        {
            var position = reader.Current.Position;
            if (reader.SkipOperator("|"))
            {
                var name = ParseDottedName("the name of a filter");
                value = new FilterExpression(position, value, name, reader.IsOperator("(") ? ParseArguments(expressions) : CallArguments.None);
            }
            else if (reader.SkipName("is"))
            {
                value = ParseTest(value, position, expressions);
            }
            else if (reader.IsOperator("("))
            {
                value = new CallExpression(position, value, ParseArguments(expressions));
            }
            else
            {
                return value;
            }
        }
    }

    public CallArguments ParseArguments(ExpressionParser expressions)
    {
        reader.ExpectOperator("(");
        var items = new List<CallArgument>();
        while (!reader.SkipOperator(")"))
        {
            if (items.Count > 0)
            {
                reader.ExpectOperator(",");
                if (reader.SkipOperator(")"))
                {
                    break;
                }
            }

            items.Add(ParseArgument(items, expressions));
        }

        return new(items);
    }

    private CallArgument ParseArgument(List<CallArgument> before, ExpressionParser expressions)
    {
        if (reader.SkipOperator("**"))
        {
            return new(CallArgumentKind.Map, null, expressions.Parse());
        }

        if (reader.SkipOperator("*"))
        {
            return new(CallArgumentKind.List, null, expressions.Parse());
        }

        if (reader.Current.Kind == TemplateTokenKind.Name && reader.Ahead.Is(TemplateTokenKind.Operator, "="))
        {
            var name = reader.Take().Text;
            reader.Take();
            return new(CallArgumentKind.Named, name, expressions.Parse());
        }

        return before.Exists(item => item.Kind != CallArgumentKind.Positional)
            ? throw reader.Current.Position.Error(TextTemplateError.Syntax, "an argument without a name can't follow one with a name, nor one with '*'.")
            : new(CallArgumentKind.Positional, null, expressions.Parse());
    }

    private Expression ParseBrackets(TemplatePosition position, ExpressionParser expressions)
    {
        if (reader.SkipOperator(")"))
        {
            return new ListExpression(position, [], isTuple: true);
        }

        var value = expressions.ParseTuple();
        reader.ExpectOperator(")");
        return value;
    }

    private ListExpression ParseList(TemplatePosition position, ExpressionParser expressions)
    {
        var items = new List<Expression>();
        while (!reader.SkipOperator("]"))
        {
            if (items.Count > 0)
            {
                reader.ExpectOperator(",");
                if (reader.SkipOperator("]"))
                {
                    break;
                }
            }

            items.Add(expressions.Parse());
        }

        return new(position, items, isTuple: false);
    }

    private MapExpression ParseMap(TemplatePosition position, ExpressionParser expressions)
    {
        var entries = new List<(Expression, Expression)>();
        while (!reader.SkipOperator("}"))
        {
            if (entries.Count > 0)
            {
                reader.ExpectOperator(",");
                if (reader.SkipOperator("}"))
                {
                    break;
                }
            }

            var key = expressions.Parse();
            reader.ExpectOperator(":");
            entries.Add((key, expressions.Parse()));
        }

        return new(position, entries);
    }

    private Expression ParseAttribute(Expression value, TemplatePosition position)
    {
        if (reader.Current is { Kind: TemplateTokenKind.Number, Value: long index })
        {
            reader.Take();
            return new ItemExpression(position, value, new LiteralExpression(position, index));
        }

        return new AttributeExpression(position, value, reader.Expect(TemplateTokenKind.Name, "a name or a number").Text);
    }

    private Expression ParseItem(Expression value, TemplatePosition position, ExpressionParser expressions)
    {
        var start = reader.IsOperator(":") ? null : expressions.ParseTuple();
        if (start is not null && reader.SkipOperator("]"))
        {
            return new ItemExpression(position, value, start);
        }

        reader.ExpectOperator(":");
        var stop = reader.IsOperator(":") || reader.IsOperator("]") ? null : expressions.Parse();
        var step = reader.SkipOperator(":") && !reader.IsOperator("]") ? expressions.Parse() : null;
        reader.ExpectOperator("]");
        return new SliceExpression(position, value, start, stop, step);
    }

    private TestExpression ParseTest(Expression value, TemplatePosition position, ExpressionParser expressions)
    {
        var isNegated = reader.SkipName("not");
        var name = ParseDottedName("the name of a test");
        if (reader.IsOperator("("))
        {
            return new(position, value, name, ParseArguments(expressions), isNegated);
        }

        // jinja2/parser.py, parse_test: one value may follow without brackets.
        var hasOperand = reader.Current.Kind is TemplateTokenKind.String or TemplateTokenKind.Number
            || (reader.Current.Kind == TemplateTokenKind.Name && reader.Current.Text is not ("else" or "or" or "and" or "is" or "if" or "not" or "in"))
            || reader.IsOperator("[") || reader.IsOperator("{");
        var arguments = hasOperand ? new CallArguments([new(CallArgumentKind.Positional, null, expressions.ParsePostfix(expressions.ParsePrimary()))]) : CallArguments.None;
        return new(position, value, name, arguments, isNegated);
    }

    private string ParseDottedName(string what)
    {
        var name = reader.Expect(TemplateTokenKind.Name, what).Text;
        while (reader.SkipOperator("."))
        {
            name = string.Create(CultureInfo.InvariantCulture, $"{name}.{reader.Expect(TemplateTokenKind.Name, what).Text}");
        }

        return name;
    }
}
