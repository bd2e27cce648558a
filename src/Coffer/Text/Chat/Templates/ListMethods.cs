namespace Coffer.Text.Templates;

/// <summary>The methods of Python's <c>list</c> that change nothing: transformers renders in a sandbox that refuses the others.</summary>
internal static class ListMethods
{
    public static TemplateFunction? Find(TemplateList list, string name) => name switch
    {
        "index" => new(name, (arguments, run) => Index(list, arguments.Bind(run, name, "value")[0], run)),
        "count" => new(name, (arguments, run) => list.Items.LongCount(item => TemplateValue.AreEqual(item, arguments.Bind(run, name, "value")[0], run))),
        "append" or "extend" or "insert" or "pop" or "remove" or "clear" or "sort" or "reverse" => new(name, (_, run) =>
            throw run.Fail($"a list's '{name}' would change it, which chat templates may not; use '+' or a filter.", TextTemplateError.Unsupported)),
        _ => null,
    };

    private static long Index(TemplateList list, object? value, TemplateRun run)
    {
        for (var i = 0; i < list.Items.Count; i++)
        {
            if (TemplateValue.AreEqual(list.Items[i], value, run))
            {
                return i;
            }
        }

        throw run.Fail("the list does not hold the value whose index is asked for.");
    }
}
