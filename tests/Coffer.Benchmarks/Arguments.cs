using System.Globalization;

namespace Coffer.Benchmarks;

/// <summary>What is measured, how much of it, and where the tables go.</summary>
internal sealed record Arguments
{
    private const string All = "all";

    public required IReadOnlyList<string> Chosen { get; init; }

    public required bool IsQuick { get; init; }

    public required Scale Scale { get; init; }

    /// <summary>The file that gets the tables; null for none.</summary>
    public string? Markdown { get; init; }

    /// <summary>Null, and a line that says what is allowed, if they make no sense.</summary>
    public static Arguments? Parse(IReadOnlyList<string> arguments, IReadOnlyList<string> names)
    {
        List<string> chosen = [];
        List<int> sizes = [];
        var (isQuick, markdown) = (false, (string?)null);
        for (var i = 0; i < arguments.Count; i++)
        {
            switch (arguments[i])
            {
                case "--quick":
                    isQuick = true;
                    break;
                case "--markdown" when i + 1 < arguments.Count:
                    markdown = arguments[++i];
                    break;
                case "--large" when i + 1 < arguments.Count && int.TryParse(arguments[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size > 0:
                    sizes.Add(size);
                    i++;
                    break;
                case All:
                    chosen.AddRange(names);
                    break;
                case var name when names.Contains(name):
                    chosen.Add(name);
                    break;
                default:
                    Console.Error.WriteLine($"'{arguments[i]}' is not understood. Usage: Coffer.Benchmarks [{All}] [{string.Join("] [", names)}] [--large MIB]... [--quick] [--markdown FILE]. Without a name, all run.");
                    return null;
            }
        }

        var scale = isQuick ? Scale.Quick : Scale.Full;
        return new Arguments
        {
            Chosen = chosen.Count > 0 ? chosen : names,
            IsQuick = isQuick,
            Scale = sizes.Count > 0 ? scale with { LargeModels = [.. sizes.Select(LargeModel.OfSize)] } : scale,
            Markdown = markdown,
        };
    }
}
