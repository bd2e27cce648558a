using System.CommandLine;
using System.Globalization;
using Coffer.Text;

namespace Coffer.Cli.Commands;

/// <summary>What goes with texts.</summary>
internal sealed class TextOptions
{
    private static readonly Dictionary<string, TokenAggregation> Aggregations = Enum.GetValues<TokenAggregation>().ToDictionary(value => $"{value}".ToLowerInvariant(), StringComparer.Ordinal);

    private readonly Option<string> _pair = new("--pair") { Description = "The second text, for a model that takes pairs; it goes with every text.", HelpName = "TEXT" };
    private readonly Option<bool> _truncate = new("--truncate") { Description = "Cuts a text that is longer than the model takes, instead of refusing it." };
    private readonly Option<string> _threshold = new("--threshold") { Description = "Leaves out classes of a text with a lower score.", HelpName = "SCORE" };
    private readonly Option<string> _query = new("--query") { Description = "What the texts are ranked by, or the question that they answer.", HelpName = "TEXT" };
    private readonly Option<string[]> _labels = new("--label") { Description = "A label for a zero-shot classifier to choose; give it again for each.", HelpName = "LABEL", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<bool> _multiLabel = new("--multi-label") { Description = "Scores each label for itself: any number of them may fit." };
    private readonly Option<string> _hypothesis = new("--hypothesis") { Description = "The sentence that a zero-shot classifier asks about, with {} for the label.", HelpName = "TEXT" };
    private readonly Option<string> _aggregation = new("--aggregation") { Description = $"How tokens become entities: {string.Join(", ", Aggregations.Keys)}.", HelpName = "HOW", DefaultValueFactory = _ => "simple" };
    private readonly Option<string> _stride = new("--stride") { Description = "Reads a long text in windows that share so many tokens.", HelpName = "TOKENS" };
    private readonly Option<string> _prompt = new("--prompt") { Description = "The prompt of the model that is put before a text to embed: query, document.", HelpName = "NAME" };

    /// <param name="Pair">Null for none.</param>
    /// <param name="Truncate">Whether a long text is cut.</param>
    /// <param name="Threshold">Null for none.</param>
    public sealed record Request(string? Pair, bool Truncate, float? Threshold)
    {
        /// <summary>A query or a question; null for none.</summary>
        public string? Query { get; init; }

        /// <summary>May be empty.</summary>
        public IReadOnlyList<string> Labels { get; init; } = [];

        public bool MultiLabel { get; init; }

        /// <summary>Null for the default.</summary>
        public string? Hypothesis { get; init; }

        public TokenAggregation Aggregation { get; init; }

        /// <summary>Null for the default.</summary>
        public int? Stride { get; init; }

        /// <summary>Null for the model's default.</summary>
        public string? Prompt { get; init; }
    }

    public void AddTo(Command command)
    {
        foreach (var option in (ReadOnlySpan<Option>)[_pair, _truncate, _threshold, _query, _labels, _multiLabel, _hypothesis, _aggregation, _stride, _prompt])
        {
            command.Add(option);
        }
    }

    /// <exception cref="FormatException">A value is not what its option takes.</exception>
    public Request Read(ParseResult line) => new(line.GetValue(_pair), line.GetValue(_truncate), Threshold(line.GetValue(_threshold)))
    {
        Query = line.GetValue(_query),
        Labels = line.GetValue(_labels) ?? [],
        MultiLabel = line.GetValue(_multiLabel),
        Hypothesis = line.GetValue(_hypothesis),
        Aggregation = Aggregation(line.GetRequiredValue(_aggregation)),
        Stride = line.GetValue(_stride) is { } stride ? (int)Values.Whole("--stride", stride, min: 0, int.MaxValue) : null,
        Prompt = line.GetValue(_prompt),
    };

    private static float? Threshold(string? text) => text is null ? null
        : float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var threshold) && float.IsFinite(threshold) ? threshold
        : throw new FormatException($"'--threshold {text}' is not a number. Give one such as 0.5.");

    private static TokenAggregation Aggregation(string name) => Aggregations.TryGetValue(name, out var aggregation) ? aggregation
        : throw new FormatException($"'--aggregation {name}' is none of {string.Join(", ", Aggregations.Keys)}.");
}
