using System.Globalization;

namespace Coffer.Text.Templates;

/// <summary>What filters take as an attribute: <c>'function.name'</c>, <c>'0'</c>, or a number; nothing stands for the item itself.</summary>
internal readonly struct AttributePath
{
    private readonly object[] _parts;
    private readonly object? _otherwise;

    private AttributePath(object[] parts, object? otherwise) => (_parts, _otherwise) = (parts, otherwise);

    public static AttributePath From(object? attribute, object? otherwise = null) => new(
        attribute switch
        {
            string path => [.. path.Split('.').Select(part => long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? (object)index : part)],
            long index => [index],
            _ => [],
        },
        otherwise);

    public object? Of(object? item, TemplateRun run)
    {
        foreach (var part in _parts)
        {
            run.Step();
            item = TemplateMembers.Item(item, part, run);
            if (item is UndefinedValue && _otherwise is not null)
            {
                item = _otherwise;
            }
        }

        return item;
    }
}
