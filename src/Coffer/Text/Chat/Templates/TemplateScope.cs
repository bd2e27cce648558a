namespace Coffer.Text.Templates;

/// <summary>The variables of a block; what is set in it ends with it.</summary>
internal sealed class TemplateScope(TemplateScope? outer = null)
{
    private readonly Dictionary<string, object?> _variables = new(StringComparer.Ordinal);

    public object? this[string name]
    {
        set => _variables[name] = value;
    }

    public object? Find(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
        {
            if (scope._variables.TryGetValue(name, out var value))
            {
                return value;
            }
        }

        return TemplateGlobals.Find(name) ?? (object)new UndefinedValue($"'{name}' is undefined");
    }

    private TemplateScope? Outer => outer;
}
