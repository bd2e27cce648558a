namespace Coffer.Text.Templates;

/// <summary>Something that a template can call: a global function, a method of a value, a macro.</summary>
internal sealed class TemplateFunction(string name, Func<TemplateArguments, TemplateRun, object?> call)
{
    public string Name => name;

    public object? Call(TemplateArguments arguments, TemplateRun run) => call(arguments, run);
}
