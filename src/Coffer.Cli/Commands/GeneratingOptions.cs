using System.CommandLine;
using Coffer.Bundles;
using Coffer.Inference;
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

    private readonly Option<bool> _chat = new("--chat") { Description = "Each INPUT is the user's next turn of one conversation, in the words of the bundle's chat template." };
    private readonly Option<string> _system = new("--system") { Description = "What a chat's model is told about its task, before the first turn. Means --chat.", HelpName = "TEXT" };
    private readonly Option<string> _schema = new("--json-schema") { Description = "A JSON schema: what is written is a JSON value that satisfies it.", HelpName = "FILE" };
    private readonly Option<string> _regex = new("--regex") { Description = "A regular expression: what is written matches it from beginning to end.", HelpName = "PATTERN" };

    /// <summary>As they are on the command line; null where they are not.</summary>
    public sealed record Request(int? MaxNewTokens, float? Temperature, int? Seed, int? Beams, string? From, string? To)
    {
        /// <summary>Whether inputs are turns of a conversation.</summary>
        public bool IsChat { get; init; }

        /// <summary>Null for none.</summary>
        public string? System { get; init; }

        /// <summary>What the text must be like; null for anything.</summary>
        public OutputConstraint? Constraint { get; init; }

        private IReadOnlyList<LogitsProcessor> Processors => Constraint is null ? [] : [Constraint];

        public TextGeneratorOptions ForGenerator() => new() { MaxNewTokens = MaxNewTokens, Temperature = Temperature, Seed = Seed, Beams = Beams, LogitsProcessors = Processors };

        public TranslatorOptions ForTranslator(TruncationStrategy truncation) =>
            new() { MaxNewTokens = MaxNewTokens, Temperature = Temperature, Seed = Seed, Beams = Beams, SourceLanguage = From, TargetLanguage = To, Truncation = truncation, LogitsProcessors = Processors };

        public SummarizerOptions ForSummarizer(TruncationStrategy truncation) =>
            new() { MaxNewTokens = MaxNewTokens, Temperature = Temperature, Seed = Seed, Beams = Beams, Truncation = truncation, LogitsProcessors = Processors };
    }

    public void AddTo(Command command)
    {
        command.Add(_maxNewTokens);
        command.Add(_temperature);
        command.Add(_seed);
        command.Add(_beams);
        command.Add(_from);
        command.Add(_to);
        command.Add(_chat);
        command.Add(_system);
        command.Add(_schema);
        command.Add(_regex);
    }

    /// <exception cref="FormatException">A number is none, or out of range, or options contradict each other.</exception>
    /// <exception cref="ConstraintException">The schema or the pattern is none that a text can be held to.</exception>
    /// <exception cref="InputException">The schema's file can't be read.</exception>
    public Request Read(ParseResult line) => new(
        Whole(line, _maxNewTokens, 1),
        line.GetValue(_temperature) is not { } text ? null
            : Values.Number("--temperature", text) is >= 0 and <= 100 and var temperature ? (float)temperature
            : throw Values.Bad("--temperature", text, "a number from 0 to 100"),
        Whole(line, _seed, int.MinValue),
        Whole(line, _beams, 1),
        line.GetValue(_from),
        line.GetValue(_to))
    {
        IsChat = line.GetValue(_chat) || line.GetValue(_system) is not null,
        System = line.GetValue(_system),
        Constraint = Constraint(line.GetValue(_schema), line.GetValue(_regex)),
    };

    /// <summary>Before a model is run: whether its task has what is asked for.</summary>
    /// <exception cref="FormatException">It has not.</exception>
    public static void RequireFits(Request request, BundleManifest manifest)
    {
        if (request.IsChat && manifest.Task != ModelTasks.TextGeneration)
        {
            throw new FormatException($"--chat and --system are for a language model; {manifest.Id} is for '{manifest.Task}'. Leave them out.");
        }

        if (request.Constraint is not null && manifest.Task is not (ModelTasks.TextGeneration or ModelTasks.Translation or ModelTasks.Summarization))
        {
            throw new FormatException($"--json-schema and --regex are for models that write texts; {manifest.Id} is for '{manifest.Task}'. Leave them out.");
        }
    }

    private static OutputConstraint? Constraint(string? schema, string? regex)
    {
        if (schema is null)
        {
            return regex is null ? null : new RegexConstraint(regex);
        }

        if (regex is not null)
        {
            throw new FormatException("A text is held to --json-schema or to --regex, not to both. Give one; a schema may have a 'pattern' for its strings.");
        }

        try
        {
            return new JsonSchemaConstraint(File.ReadAllText(schema));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(InputError.Unreadable, $"--json-schema {schema}: {e.Message}", e);
        }
    }

    private static int? Whole(ParseResult line, Option<string> option, int min) =>
        line.GetValue(option) is { } text ? (int)Values.Whole(option.Name, text, min, int.MaxValue) : null;
}
