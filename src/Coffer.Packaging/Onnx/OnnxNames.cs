namespace Coffer.Packaging;

/// <summary>Names out of model files, for messages: they may be long, and they may hold anything.</summary>
internal static class OnnxNames
{
    private const int MaxLength = 120;

    public static string Quote(string name)
    {
        var text = name.Length > MaxLength ? string.Concat(name.AsSpan(0, MaxLength), "…") : name;
        return $"'{string.Concat(text.Select(c => char.IsControl(c) ? '?' : c))}'";
    }
}
