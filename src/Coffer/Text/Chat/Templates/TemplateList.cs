namespace Coffer.Text.Templates;

/// <summary>A list or a tuple; templates can't change either.</summary>
internal sealed class TemplateList(IReadOnlyList<object?> items, bool isTuple = false)
{
    public IReadOnlyList<object?> Items => items;

    public bool IsTuple => isTuple;
}
