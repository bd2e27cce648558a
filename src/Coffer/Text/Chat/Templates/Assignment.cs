namespace Coffer.Text.Templates;

/// <summary>Gives a value to a name, to the names of a tuple, or to an attribute of a namespace.</summary>
internal static class Assignment
{
    public static void Set(Expression target, object? value, TemplateScope scope, TemplateRun run)
    {
        switch (target)
        {
            case NameExpression name:
                scope[name.Name] = value;
                break;
            case AttributeExpression { Target: NameExpression owner } attribute:
                run.Position = target.Position;
                var space = scope.Find(owner.Name) as TemplateNamespace ?? throw run.Fail($"'{owner.Name}' is no namespace, so its attributes can't be set.");
                space.Attributes[attribute.Name] = value;
                break;
            default:
                SetEach(((ListExpression)target).Items, value, scope, run);
                break;
        }
    }

    private static void SetEach(IReadOnlyList<Expression> targets, object? value, TemplateScope scope, TemplateRun run)
    {
        var items = TemplateValue.Items(value, run);
        if (items.Count != targets.Count)
        {
            throw run.Fail($"{items.Count} values can't be given to {targets.Count} names.");
        }

        for (var i = 0; i < targets.Count; i++)
        {
            Set(targets[i], items[i], scope, run);
        }
    }
}
