using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Coffer.Bundles;

/// <summary>
/// The id of a content key, <c>NAME.GROUP.N</c>: for example <c>digits.weights.1</c>. It is also a file name, so that its
/// characters are few and it never starts with a dot.
/// </summary>
internal readonly record struct ContentKeyId(string Name, PartGroup Group, int Generation)
{
    public const int MaxLength = 128;

    public static bool TryParse([NotNullWhen(true)] string? text, out ContentKeyId id)
    {
        id = default;
        if (text is null or { Length: 0 or > MaxLength } || text.Split('.') is not { Length: >= 3 } parts)
        {
            return false;
        }

        var name = string.Join('.', parts[..^2]);
        if (!IsName(name)
            || !KeyGroupName.TryParse(parts[^2], out var group)
            || parts[^1] is not [not '0', ..]
            || !int.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var generation))
        {
            return false;
        }

        id = new ContentKeyId(name, group, generation);
        return true;
    }

    /// <summary>Whether this can be the name of a model, an issuer or a publisher in the name of a file.</summary>
    public static bool IsName([NotNullWhen(true)] string? text) =>
        text is { Length: > 0 and <= 96 }
        && char.IsAsciiLetterOrDigit(text[0])
        && char.IsAsciiLetterOrDigit(text[^1])
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')
        && !text.Contains("..", StringComparison.Ordinal);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name}.{KeyGroupName.Of(Group)}.{Generation}");
}
