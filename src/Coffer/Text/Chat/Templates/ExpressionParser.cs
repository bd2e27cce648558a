namespace Coffer.Text.Templates;

/// <summary>Parses expressions with Jinja's precedence (jinja2/parser.py): conditional, or, and, not, comparison, sum, ~, product, power, sign, postfix.</summary>
internal sealed class ExpressionParser(TemplateReader reader)
{
    private readonly PostfixParser _postfix = new(reader);

    /// <summary>An expression, or a tuple without brackets.</summary>
    public Expression ParseTuple(bool withConditional = true)
    {
        var position = reader.Current.Position;
        var first = withConditional ? Parse() : ParseOr();
        if (!reader.IsOperator(","))
        {
            return first;
        }

        var items = new List<Expression> { first };
        while (reader.SkipOperator(",") && !EndsTuple())
        {
            items.Add(withConditional ? Parse() : ParseOr());
        }

        return new ListExpression(position, items, isTuple: true);
    }

    public Expression Parse()
    {
        reader.Enter();
        var value = ParseOr();
        while (reader.IsName("if"))
        {
            var position = reader.Take().Position;
            var condition = ParseOr();
            value = new ConditionalExpression(position, condition, value, reader.SkipName("else") ? Parse() : null);
        }

        return value;
    }

    public Expression ParsePostfix(Expression value) => _postfix.Parse(value, this);

    public Expression ParseFilters(Expression value) => _postfix.ParseFilters(value, this);

    public CallArguments ParseArguments() => _postfix.ParseArguments(this);

    public Expression ParsePrimary() => _postfix.ParsePrimary(this);

    private bool EndsTuple() =>
        reader.Current.Kind is TemplateTokenKind.BlockEnd or TemplateTokenKind.VariableEnd || reader.IsOperator(")") || reader.IsOperator("=") || reader.IsOperator("]");

    private Expression ParseOr()
    {
        var left = ParseAnd();
        while (reader.IsName("or"))
        {
            left = new LogicalExpression(reader.Take().Position, isAnd: false, left, ParseAnd());
        }

        return left;
    }

    private Expression ParseAnd()
    {
        var left = ParseNot();
        while (reader.IsName("and"))
        {
            left = new LogicalExpression(reader.Take().Position, isAnd: true, left, ParseNot());
        }

        return left;
    }

    private Expression ParseNot()
    {
        if (!reader.IsName("not"))
        {
            return ParseComparison();
        }

        reader.Enter();
        return new NotExpression(reader.Take().Position, ParseNot());
    }

    private Expression ParseComparison()
    {
        var position = reader.Current.Position;
        var left = ParseSum();
        var rest = new List<(string, Expression)>();
        while (TakeComparison() is { } symbol)
        {
            rest.Add((symbol, ParseSum()));
        }

        return rest.Count == 0 ? left : new ComparisonExpression(position, left, rest);
    }

    private string? TakeComparison()
    {
        if (reader.IsName("not") && reader.Ahead.Is(TemplateTokenKind.Name, "in"))
        {
            reader.Take();
            reader.Take();
            return "not in";
        }

        var isComparison = reader.IsName("in") || (reader.Current is { Kind: TemplateTokenKind.Operator, Text: "==" or "!=" or "<" or "<=" or ">" or ">=" });
        return isComparison ? reader.Take().Text : null;
    }

    private Expression ParseSum()
    {
        var left = ParseConcatenation();
        while (reader.Current is { Kind: TemplateTokenKind.Operator, Text: "+" or "-" })
        {
            var symbol = reader.Take();
            left = new ArithmeticExpression(symbol.Position, symbol.Text, left, ParseConcatenation());
        }

        return left;
    }

    private Expression ParseConcatenation()
    {
        var position = reader.Current.Position;
        var parts = new List<Expression> { ParseProduct() };
        while (reader.SkipOperator("~"))
        {
            parts.Add(ParseProduct());
        }

        return parts.Count == 1 ? parts[0] : new ConcatenationExpression(position, parts);
    }

    private Expression ParseProduct()
    {
        var left = ParsePower();
        while (reader.Current is { Kind: TemplateTokenKind.Operator, Text: "*" or "/" or "//" or "%" })
        {
            var symbol = reader.Take();
            left = new ArithmeticExpression(symbol.Position, symbol.Text, left, ParsePower());
        }

        return left;
    }

    // Unlike Python's, Jinja's power goes from the left, and takes the sign with it: -2 ** 2 is 4.
    private Expression ParsePower()
    {
        var left = ParseSigned(withFilters: true);
        while (reader.IsOperator("**"))
        {
            left = new ArithmeticExpression(reader.Take().Position, "**", left, ParseSigned(withFilters: true));
        }

        return left;
    }

    private Expression ParseSigned(bool withFilters)
    {
        reader.Enter();
        var value = reader.Current is { Kind: TemplateTokenKind.Operator, Text: "+" or "-" } sign
            ? new SignExpression(reader.Take().Position, sign.Text == "-", ParseSigned(withFilters: false))
            : ParsePrimary();
        value = ParsePostfix(value);
        return withFilters ? ParseFilters(value) : value;
    }
}
