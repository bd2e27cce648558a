namespace Coffer.Text.Templates;

/// <summary>Parses what gets values: names, tuples of names, attributes of namespaces, the parameters of macros.</summary>
internal sealed class TargetParser(TemplateReader reader, ExpressionParser expressions)
{
    /// <summary>Names: <c>a</c>, <c>a, b</c>, <c>(a, (b, c))</c>.</summary>
    public Expression Parse()
    {
        var position = reader.Current.Position;
        var first = ParseSingle();
        if (!reader.IsOperator(","))
        {
            return first;
        }

        var items = new List<Expression> { first };
        while (reader.SkipOperator(",") && (reader.Current.Kind == TemplateTokenKind.Name || reader.IsOperator("(")))
        {
            items.Add(ParseSingle());
        }

        return new ListExpression(position, items, isTuple: true);
    }

    /// <summary>Names, or an attribute of a namespace: <c>ns.a</c>.</summary>
    public Expression ParseAssigned()
    {
        if (!reader.Ahead.Is(TemplateTokenKind.Operator, "."))
        {
            return Parse();
        }

        var owner = ParseName();
        reader.Take();
        return new AttributeExpression(owner.Position, owner, reader.Expect(TemplateTokenKind.Name, "a name").Text);
    }

    /// <summary>One name, or names in brackets.</summary>
    public Expression ParseSingle()
    {
        if (!reader.SkipOperator("("))
        {
            return ParseName();
        }

        reader.Enter();
        var items = Parse();
        reader.ExpectOperator(")");
        return items;
    }

    public List<(string Name, Expression? Default)> ParseParameters()
    {
        var parameters = new List<(string Name, Expression? Default)>();
        reader.ExpectOperator("(");
        while (!reader.SkipOperator(")"))
        {
            if (parameters.Count > 0)
            {
                reader.ExpectOperator(",");
            }

            var name = reader.Expect(TemplateTokenKind.Name, "the name of a parameter");
            if (parameters.Exists(other => other.Name == name.Text))
            {
                throw name.Position.Error(TextTemplateError.Syntax, $"the parameter '{TokenizerJson.Quote(name.Text)}' is there twice.");
            }

            parameters.Add((name.Text, reader.SkipOperator("=") ? expressions.Parse() : null));
        }

        return parameters;
    }

    private NameExpression ParseName()
    {
        var name = reader.Expect(TemplateTokenKind.Name, "a name");
        return name.Text is "true" or "false" or "none" or "True" or "False" or "None"
            ? throw name.Position.Error(TextTemplateError.Syntax, $"'{name.Text}' can't be given a value.")
            : new(name.Position, name.Text);
    }
}
