namespace Coffer.Text.Templates;

/// <summary>A dict: keys are texts (<see cref="string"/>) and whole numbers (<see cref="long"/>), in the order they came.</summary>
internal sealed class TemplateMap
{
    public OrderedDictionary<object, object?> Entries { get; } = [];

    public object? this[string key]
    {
        get => Entries[key];
        set => Entries[key] = value;
    }

    public bool TryGet(object? key, out object? value)
    {
        value = null;
        return key is string or long && Entries.TryGetValue(key, out value);
    }
}
