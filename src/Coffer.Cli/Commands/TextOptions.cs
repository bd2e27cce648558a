using System.CommandLine;
using System.Globalization;

namespace Coffer.Cli.Commands;

/// <summary>What goes with texts.</summary>
internal sealed class TextOptions
{
    private readonly Option<string> _pair = new("--pair") { Description = "The second text, for a model that takes pairs; it goes with every text.", HelpName = "TEXT" };
    private readonly Option<bool> _truncate = new("--truncate") { Description = "Cuts a text that is longer than the model takes, instead of refusing it." };
    private readonly Option<string> _threshold = new("--threshold") { Description = "Leaves out classes of a text with a lower score.", HelpName = "SCORE" };

    /// <param name="Pair">Null for none.</param>
    /// <param name="Truncate">Whether a long text is cut.</param>
    /// <param name="Threshold">Null for none.</param>
    public sealed record Request(string? Pair, bool Truncate, float? Threshold);

    public void AddTo(Command command)
    {
        command.Add(_pair);
        command.Add(_truncate);
        command.Add(_threshold);
    }

    /// <exception cref="FormatException">The threshold is not a number.</exception>
    public Request Read(ParseResult line) => new(
        line.GetValue(_pair),
        line.GetValue(_truncate),
        line.GetValue(_threshold) is not { } text ? null
            : float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var threshold) && float.IsFinite(threshold) ? threshold
            : throw new FormatException($"'--threshold {text}' is not a number. Give one such as 0.5."));
}
