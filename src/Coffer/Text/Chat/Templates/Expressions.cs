namespace Coffer.Text.Templates;

/// <summary>Something in a template that has a value.</summary>
internal abstract class Expression(TemplatePosition position)
{
    public TemplatePosition Position => position;

    public object? Evaluate(TemplateScope scope, TemplateRun run)
    {
        run.Step(position);
        return Value(scope, run);
    }

    protected abstract object? Value(TemplateScope scope, TemplateRun run);
}

internal sealed class LiteralExpression(TemplatePosition position, object? value) : Expression(position)
{
    protected override object? Value(TemplateScope scope, TemplateRun run) => value;
}

internal sealed class NameExpression(TemplatePosition position, string name) : Expression(position)
{
    public string Name => name;

    protected override object? Value(TemplateScope scope, TemplateRun run) => scope.Find(name);
}

internal sealed class ListExpression(TemplatePosition position, IReadOnlyList<Expression> items, bool isTuple) : Expression(position)
{
    public IReadOnlyList<Expression> Items => items;

    public bool IsTuple => isTuple;

    protected override object? Value(TemplateScope scope, TemplateRun run) => new TemplateList([.. items.Select(item => item.Evaluate(scope, run))], isTuple);
}

internal sealed class MapExpression(TemplatePosition position, IReadOnlyList<(Expression Key, Expression Value)> entries) : Expression(position)
{
    protected override object? Value(TemplateScope scope, TemplateRun run)
    {
        var map = new TemplateMap();
        foreach (var (key, value) in entries)
        {
            var name = TemplateValue.Key(key.Evaluate(scope, run));
            map.Entries[name is string or long ? name : throw run.Fail($"a mapping's key is a text or an integer, not {TemplateValue.TypeOf(name)}.")] = value.Evaluate(scope, run);
        }

        return map;
    }
}

internal sealed class AttributeExpression(TemplatePosition position, Expression target, string name) : Expression(position)
{
    public Expression Target => target;

    public string Name => name;

    protected override object? Value(TemplateScope scope, TemplateRun run)
    {
        var value = target.Evaluate(scope, run);
        run.Position = Position;
        return TemplateMembers.Attribute(value, name, run);
    }
}

internal sealed class ItemExpression(TemplatePosition position, Expression target, Expression key) : Expression(position)
{
    protected override object? Value(TemplateScope scope, TemplateRun run)
    {
        var value = target.Evaluate(scope, run);
        var name = key.Evaluate(scope, run);
        run.Position = Position;
        return TemplateMembers.Item(value, name, run);
    }
}

internal sealed class SliceExpression(TemplatePosition position, Expression target, Expression? start, Expression? stop, Expression? step) : Expression(position)
{
    protected override object? Value(TemplateScope scope, TemplateRun run)
    {
        var value = target.Evaluate(scope, run);
        var (from, to, by) = (start?.Evaluate(scope, run), stop?.Evaluate(scope, run), step?.Evaluate(scope, run));
        run.Position = Position;
        var slice = TemplateMembers.Slice(value, from, to, by, run);
        return slice is string text ? run.Made(text) : slice;
    }
}

internal sealed class CallExpression(TemplatePosition position, Expression target, CallArguments arguments) : Expression(position)
{
    protected override object? Value(TemplateScope scope, TemplateRun run) => Call(scope, run, null);

    /// <summary>Calls it; a call block hands over its body as <c>caller</c>.</summary>
    public object? Call(TemplateScope scope, TemplateRun run, TemplateFunction? caller)
    {
        var function = target.Evaluate(scope, run);
        var values = arguments.Evaluate(scope, run, caller);
        run.Position = Position;
        return TemplateOperators.Defined(function, run) is TemplateFunction callable
            ? run.Call(callable, values)
            : throw run.Fail($"{TemplateValue.TypeOf(function)} can't be called.");
    }
}

internal sealed class FilterExpression(TemplatePosition position, Expression target, string name, CallArguments arguments) : Expression(position)
{
    protected override object? Value(TemplateScope scope, TemplateRun run)
    {
        var value = target.Evaluate(scope, run);
        var values = arguments.Evaluate(scope, run, null);
        run.Position = Position;
        return TemplateFilters.Apply(name, value, values, run);
    }
}

internal sealed class TestExpression(TemplatePosition position, Expression target, string name, CallArguments arguments, bool isNegated) : Expression(position)
{
    protected override object? Value(TemplateScope scope, TemplateRun run)
    {
        var value = target.Evaluate(scope, run);
        var values = arguments.Evaluate(scope, run, null);
        run.Position = Position;
        return TemplateTests.Holds(name, value, values, run) != isNegated;
    }
}
