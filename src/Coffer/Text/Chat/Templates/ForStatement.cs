namespace Coffer.Text.Templates;

/// <summary>A loop. Each round has variables of its own, and <c>loop</c>.</summary>
internal sealed class ForStatement(TemplatePosition position, Expression target, Expression iterable, Expression? condition, Statement body, Statement otherwise) : Statement(position)
{
    protected override TemplateFlow Execute(TemplateScope scope, TemplateRun run)
    {
        var items = Chosen(scope, run);
        if (items.Count == 0)
        {
            return otherwise.Render(new(scope), run);
        }

        var memory = new List<object?>();
        for (var i = 0; i < items.Count; i++)
        {
            run.Step(Position);
            var round = new TemplateScope(scope) { ["loop"] = Loop(items, i, memory) };
            Assignment.Set(target, items[i], round, run);
            if (body.Render(round, run) == TemplateFlow.Break)
            {
                break;
            }
        }

        return TemplateFlow.Next;
    }

    private IReadOnlyList<object?> Chosen(TemplateScope scope, TemplateRun run)
    {
        var value = iterable.Evaluate(scope, run);
        run.Position = Position;
        var items = TemplateValue.Items(value, run);
        if (condition is null)
        {
            return items;
        }

        var chosen = new List<object?>();
        foreach (var item in items)
        {
            var round = new TemplateScope(scope);
            Assignment.Set(target, item, round, run);
            if (TemplateValue.IsTrue(condition.Evaluate(round, run)))
            {
                chosen.Add(item);
            }
        }

        return chosen;
    }

    private static TemplateMap Loop(IReadOnlyList<object?> items, int at, List<object?> memory) => new()
    {
        ["index"] = at + 1L,
        ["index0"] = (long)at,
        ["revindex"] = (long)items.Count - at,
        ["revindex0"] = items.Count - at - 1L,
        ["first"] = at == 0,
        ["last"] = at == items.Count - 1,
        ["length"] = (long)items.Count,
        ["previtem"] = at > 0 ? items[at - 1] : new UndefinedValue("there is no previous item"),
        ["nextitem"] = at + 1 < items.Count ? items[at + 1] : new UndefinedValue("there is no next item"),
        ["cycle"] = new TemplateFunction("cycle", (arguments, run) =>
            arguments.Positional.Count > 0 ? arguments.Positional[at % arguments.Positional.Count] : throw run.Fail("cycle takes the values to go round.")),
        ["changed"] = new TemplateFunction("changed", (arguments, run) => Changed(arguments, memory, run)),
    };

    private static bool Changed(TemplateArguments arguments, List<object?> memory, TemplateRun run)
    {
        var values = new TemplateList(arguments.Positional);
        if (memory.Count == 1 && TemplateValue.AreEqual(memory[0], values, run))
        {
            return false;
        }

        memory.Clear();
        memory.Add(values);
        return true;
    }
}
