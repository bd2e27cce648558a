namespace Coffer.Text.Templates;

/// <summary>The arguments of a call as the template writes them.</summary>
internal sealed class CallArguments(IReadOnlyList<CallArgument> items)
{
    public static CallArguments None { get; } = new([]);

    public TemplateArguments Evaluate(TemplateScope scope, TemplateRun run, TemplateFunction? caller)
    {
        if (items.Count == 0 && caller is null)
        {
            return TemplateArguments.None;
        }

        var positional = new List<object?>();
        var named = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var item in items)
        {
            var value = item.Value.Evaluate(scope, run);
            switch (item.Kind)
            {
                case CallArgumentKind.Positional:
                    positional.Add(value);
                    break;
                case CallArgumentKind.Named:
                    Add(named, item.Name!, value, run);
                    break;
                case CallArgumentKind.List:
                    positional.AddRange(TemplateValue.Items(value, run));
                    break;
                default:
                    foreach (var (key, entry) in (value as TemplateMap ?? throw run.Fail($"'**' takes a mapping, not {TemplateValue.TypeOf(value)}.")).Entries)
                    {
                        Add(named, key as string ?? throw run.Fail("'**' takes a mapping whose keys are texts."), entry, run);
                    }

                    break;
            }
        }

        if (caller is not null)
        {
            Add(named, MacroStatement.Caller, caller, run);
        }

        return new(positional, named);
    }

    private static void Add(Dictionary<string, object?> named, string name, object? value, TemplateRun run)
    {
        if (!named.TryAdd(name, value))
        {
            throw run.Fail($"the argument '{TokenizerJson.Quote(name)}' is given twice.");
        }
    }
}

internal readonly record struct CallArgument(CallArgumentKind Kind, string? Name, Expression Value);

internal enum CallArgumentKind
{
    Positional,
    Named,
    List,
    Map,
}
