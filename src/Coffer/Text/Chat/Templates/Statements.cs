namespace Coffer.Text.Templates;

/// <summary>Something in a template that writes, or changes what follows.</summary>
internal abstract class Statement(TemplatePosition position)
{
    public TemplatePosition Position => position;

    public TemplateFlow Render(TemplateScope scope, TemplateRun run)
    {
        run.Step(position);
        return Execute(scope, run);
    }

    protected abstract TemplateFlow Execute(TemplateScope scope, TemplateRun run);
}

/// <summary>How it goes on after a statement.</summary>
internal enum TemplateFlow
{
    Next,
    Break,
    Continue,
}

internal sealed class TextStatement(TemplatePosition position, string text) : Statement(position)
{
    protected override TemplateFlow Execute(TemplateScope scope, TemplateRun run)
    {
        run.Write(text);
        return TemplateFlow.Next;
    }
}

internal sealed class OutputStatement(TemplatePosition position, Expression value) : Statement(position)
{
    protected override TemplateFlow Execute(TemplateScope scope, TemplateRun run)
    {
        run.Write(PythonText.Of(value.Evaluate(scope, run), run));
        return TemplateFlow.Next;
    }
}

/// <summary>Statements one after the other; a scoped block (<c>with</c>, <c>generation</c>) keeps its variables to itself.</summary>
internal sealed class BlockStatement(TemplatePosition position, IReadOnlyList<Statement> statements, IReadOnlyList<(Expression Target, Expression Value)>? variables = null) : Statement(position)
{
    protected override TemplateFlow Execute(TemplateScope scope, TemplateRun run)
    {
        if (variables is not null)
        {
            var inner = new TemplateScope(scope);
            foreach (var (target, value) in variables)
            {
                Assignment.Set(target, value.Evaluate(scope, run), inner, run);
            }

            scope = inner;
        }

        foreach (var statement in statements)
        {
            if (statement.Render(scope, run) is not TemplateFlow.Next and var flow)
            {
                return flow;
            }
        }

        return TemplateFlow.Next;
    }
}

internal sealed class IfStatement(TemplatePosition position, IReadOnlyList<(Expression Condition, Statement Body)> branches, Statement otherwise) : Statement(position)
{
    protected override TemplateFlow Execute(TemplateScope scope, TemplateRun run)
    {
        foreach (var (condition, body) in branches)
        {
            if (TemplateValue.IsTrue(condition.Evaluate(scope, run)))
            {
                return body.Render(scope, run);
            }
        }

        return otherwise.Render(scope, run);
    }
}

internal sealed class FlowStatement(TemplatePosition position, TemplateFlow flow) : Statement(position)
{
    protected override TemplateFlow Execute(TemplateScope scope, TemplateRun run) => flow;
}

internal sealed class SetStatement(TemplatePosition position, Expression target, Expression value) : Statement(position)
{
    protected override TemplateFlow Execute(TemplateScope scope, TemplateRun run)
    {
        Assignment.Set(target, value.Evaluate(scope, run), scope, run);
        return TemplateFlow.Next;
    }
}

/// <summary><c>{% set x %}…{% endset %}</c> and <c>{% filter f %}…{% endfilter %}</c>: the text that the body writes, through filters.</summary>
internal sealed class CaptureStatement(TemplatePosition position, Expression? target, Statement body, Expression filtered) : Statement(position)
{
    /// <summary>The name of the written text within the filters: one that no template can write.</summary>
    public const string CapturedText = "\0";

    protected override TemplateFlow Execute(TemplateScope scope, TemplateRun run)
    {
        var inner = new TemplateScope(scope);
        inner[CapturedText] = run.Capture(_ => body.Render(inner, run));
        var text = filtered.Evaluate(inner, run);
        if (target is not null)
        {
            Assignment.Set(target, text, scope, run);
        }
        else
        {
            run.Write(PythonText.Of(text, run));
        }

        return TemplateFlow.Next;
    }
}
