namespace Coffer.Text.Templates;

internal sealed class ArithmeticExpression(TemplatePosition position, string symbol, Expression left, Expression right) : Expression(position)
{
    protected override object? Value(TemplateScope scope, TemplateRun run)
    {
        var (first, second) = (left.Evaluate(scope, run), right.Evaluate(scope, run));
        run.Position = Position;
        return TemplateOperators.Apply(symbol, first, second, run);
    }
}

/// <summary><c>a ~ b</c>: both as text.</summary>
internal sealed class ConcatenationExpression(TemplatePosition position, IReadOnlyList<Expression> parts) : Expression(position)
{
    protected override object? Value(TemplateScope scope, TemplateRun run)
    {
        var texts = parts.Select(part => PythonText.Of(part.Evaluate(scope, run), run)).ToArray();
        run.Reserve(texts.Sum(text => (long)text.Length));
        return string.Concat(texts);
    }
}

/// <summary><c>a &lt; b &lt; c</c> holds if each holds.</summary>
internal sealed class ComparisonExpression(TemplatePosition position, Expression first, IReadOnlyList<(string Symbol, Expression Operand)> rest) : Expression(position)
{
    protected override object? Value(TemplateScope scope, TemplateRun run)
    {
        var left = first.Evaluate(scope, run);
        foreach (var (symbol, operand) in rest)
        {
            var right = operand.Evaluate(scope, run);
            run.Position = Position;
            if (!TemplateOperators.Compare(symbol, left, right, run))
            {
                return false;
            }

            left = right;
        }

        return true;
    }
}

/// <summary><c>and</c> and <c>or</c> give the operand that decides.</summary>
internal sealed class LogicalExpression(TemplatePosition position, bool isAnd, Expression left, Expression right) : Expression(position)
{
    protected override object? Value(TemplateScope scope, TemplateRun run)
    {
        var value = left.Evaluate(scope, run);
        return TemplateValue.IsTrue(value) == isAnd ? right.Evaluate(scope, run) : value;
    }
}

internal sealed class NotExpression(TemplatePosition position, Expression operand) : Expression(position)
{
    protected override object? Value(TemplateScope scope, TemplateRun run) => !TemplateValue.IsTrue(operand.Evaluate(scope, run));
}

internal sealed class SignExpression(TemplatePosition position, bool isMinus, Expression operand) : Expression(position)
{
    protected override object? Value(TemplateScope scope, TemplateRun run)
    {
        var value = operand.Evaluate(scope, run);
        run.Position = Position;
        return isMinus ? TemplateOperators.Negate(value, run)
            : TemplateValue.Number(TemplateOperators.Defined(value, run)) ?? throw run.Fail($"{TemplateValue.TypeOf(value)} has no sign.");
    }
}

internal sealed class ConditionalExpression(TemplatePosition position, Expression condition, Expression then, Expression? otherwise) : Expression(position)
{
    protected override object? Value(TemplateScope scope, TemplateRun run) =>
        TemplateValue.IsTrue(condition.Evaluate(scope, run)) ? then.Evaluate(scope, run)
        : otherwise is not null ? otherwise.Evaluate(scope, run)
        : new UndefinedValue("the condition is false, and there is no 'else'");
}
