using System.CommandLine;
using Coffer.Text;

namespace Coffer.Cli.Commands;

/// <summary>How a language model goes on from a prompt, translates or summarizes.</summary>
internal sealed class GeneratingOptions
{
    private readonly Option<string> _maxNewTokens = new("--max-new-tokens") { Description = "How many tokens a language model writes at most. Default: as its files say.", HelpName = "N" };
    private readonly Option<string> _temperature = new("--temperature") { Description = "Draws tokens at random; below 1 the likely become likelier. Default: as the model's files say, else none.", HelpName = "T" };
    private readonly Option<string> _seed = new("--seed") { Description = "Makes drawing repeatable.", HelpName = "N" };
    private readonly Option<string> _beams = new("--beams") { Description = "Searches over so many sequences at once, and writes the best at the end.", HelpName = "N" };
    private readonly Option<string> _from = new("--from") { Description = "The language of a text to translate, as the model names it.", HelpName = "LANGUAGE" };
    private readonly Option<string> _to = new("--to") { Description = "The language to translate to, as the model names it.", HelpName = "LANGUAGE" };

    /// <summary>As they are on the command line; null where they are not.</summary>
    public sealed record Request(int? MaxNewTokens, float? Temperature, int? Seed, int? Beams, string? From, string? To)
    {
        public TextGeneratorOptions ForGenerator() => new() { MaxNewTokens = MaxNewTokens, Temperature = Temperature, Seed = Seed, Beams = Beams };

        public TranslatorOptions ForTranslator(TruncationStrategy truncation) =>
            new() { MaxNewTokens = MaxNewTokens, Temperature = Temperature, Seed = Seed, Beams = Beams, SourceLanguage = From, TargetLanguage = To, Truncation = truncation };

        public SummarizerOptions ForSummarizer(TruncationStrategy truncation) =>
            new() { MaxNewTokens = MaxNewTokens, Temperature = Temperature, Seed = Seed, Beams = Beams, Truncation = truncation };
    }

    public void AddTo(Command command)
    {
        command.Add(_maxNewTokens);
        command.Add(_temperature);
        command.Add(_seed);
        command.Add(_beams);
        command.Add(_from);
        command.Add(_to);
    }

    /// <exception cref="FormatException">A number is none, or out of range.</exception>
    public Request Read(ParseResult line) => new(
        Whole(line, _maxNewTokens, 1),
        line.GetValue(_temperature) is not { } text ? null
            : Values.Number("--temperature", text) is >= 0 and <= 100 and var temperature ? (float)temperature
            : throw Values.Bad("--temperature", text, "a number from 0 to 100"),
        Whole(line, _seed, int.MinValue),
        Whole(line, _beams, 1),
        line.GetValue(_from),
        line.GetValue(_to));

    private static int? Whole(ParseResult line, Option<string> option, int min) =>
        line.GetValue(option) is { } text ? (int)Values.Whole(option.Name, text, min, int.MaxValue) : null;
}
