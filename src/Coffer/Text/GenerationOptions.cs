namespace Coffer.Text;

/// <summary>
/// How tokens are chosen: what <see cref="TextGenerator"/>, <see cref="Translator"/> and <see cref="Summarizer"/> share. Null means what the
/// model's generation_config.json says, else transformers' default. Immutable; change a copy with <c>with</c>.
/// </summary>
public abstract record GenerationOptions
{
    private protected GenerationOptions()
    {
    }

    /// <summary>
    /// The most tokens to generate; 1 or more. Default null: <c>max_new_tokens</c> or <c>max_length</c> of the model's files, else 256, and no
    /// more than the model has positions for. A number that prompt and model leave no room for is an error.
    /// </summary>
    public int? MaxNewTokens { get; init; }

    /// <summary>The fewest tokens before one may end the sequence; 0 or more.</summary>
    public int? MinNewTokens { get; init; }

    /// <summary>
    /// Whether tokens are drawn at random by their probabilities. Default null: yes where <see cref="Temperature"/>, <see cref="TopK"/>,
    /// <see cref="TopP"/> or <see cref="MinP"/> is given here, else <c>do_sample</c>, else no.
    /// </summary>
    public bool? Sample { get; init; }

    /// <summary>Divides the logits; below 1 the likely becomes likelier. 0 takes always the likeliest. Transformers' default 1.</summary>
    public float? Temperature { get; init; }

    /// <summary>Draws from so many of the likeliest tokens; 0 for all. Transformers' default 50.</summary>
    public int? TopK { get; init; }

    /// <summary>Draws from the likeliest tokens that have this probability together; above 0, at most 1. Default 1: all.</summary>
    public float? TopP { get; init; }

    /// <summary>Draws from tokens that are at least so likely as this part of the likeliest; 0 to 1. Default: all.</summary>
    public float? MinP { get; init; }

    /// <summary>Divides positive and multiplies negative logits of tokens that prompt or text have already; above 0. Default 1: none.</summary>
    public float? RepetitionPenalty { get; init; }

    /// <summary>Subtracted from a token's logit for each time that it was generated; -2 to 2. Default 0.</summary>
    public float FrequencyPenalty { get; init; }

    /// <summary>Subtracted from a token's logit if it was generated; -2 to 2. Default 0.</summary>
    public float PresencePenalty { get; init; }

    /// <summary>Makes drawing repeatable: with the same model, prompt and options the same text. Default null: another each time.</summary>
    public int? Seed { get; init; }

    /// <summary>No sequence of so many tokens occurs twice, the prompt's included; 0 for no such rule.</summary>
    public int? NoRepeatNgramSize { get; init; }

    /// <summary>The first token of an encoder-decoder model's answer, such as a language: <c>forced_bos_token_id</c>.</summary>
    public int? ForcedFirstToken { get; init; }

    /// <summary>The last token where the length runs out: <c>forced_eos_token_id</c>.</summary>
    public int? ForcedLastToken { get; init; }

    /// <summary>Tokens that are never generated: <c>suppress_tokens</c>.</summary>
    public IReadOnlyList<int>? SuppressTokens { get; init; }

    /// <summary>Tokens that are never generated first: <c>begin_suppress_tokens</c>.</summary>
    public IReadOnlyList<int>? SuppressFirstTokens { get; init; }

    /// <summary>Words that are never generated, at the beginning of a word or inside of one; beside <c>bad_words_ids</c> of the model's files.</summary>
    public IReadOnlyList<string> BadWords { get; init; } = [];

    /// <summary>Texts that end the generation when written. The text ends before them; the tokens have them.</summary>
    public IReadOnlyList<string> StopStrings { get; init; } = [];

    /// <summary>The tokens that end a sequence. Default null: <c>eos_token_id</c>.</summary>
    public IReadOnlyList<int>? EndOfSequence { get; init; }

    /// <summary>How many sequences a beam search follows at once; 1 for none. A stream has none.</summary>
    public int? Beams { get; init; }

    /// <summary>Of a beam search: above 0 favours long sequences, below 0 short ones. Transformers' default 1.</summary>
    public float? LengthPenalty { get; init; }

    /// <summary>Of a beam search: when it ends. Transformers' default <see cref="Text.EarlyStopping.Heuristic"/>.</summary>
    public EarlyStopping? EarlyStopping { get; init; }

    /// <summary>How many sequences are returned: of a beam search, at most <see cref="Beams"/>; of sampling, that many draws. Default 1.</summary>
    public int Sequences { get; init; } = 1;

    /// <summary>What changes the scores beside all that: constraints. In this order; default none.</summary>
    public IReadOnlyList<LogitsProcessor> LogitsProcessors { get; init; } = [];

    /// <summary>The most bytes of a generation's key-value cache, by prompt and <see cref="MaxNewTokens"/>; more is an error before the run. Default null: no limit.</summary>
    public long? MaxCacheBytes { get; init; }

    /// <summary>
    /// The most prompts that one run of the model takes in a batch, prompts of about the same length together, as long as their caches
    /// are within <see cref="MaxCacheBytes"/>. Default 8; 1 or more. Each prompt has the result that it has alone, draws by <see cref="Seed"/>
    /// included. A model that can't tell padding from text gets only prompts of one length together; a beam search, and several <see cref="Sequences"/>, one
    /// prompt after another.
    /// </summary>
    public int BatchSize { get; init; } = 8;

    internal virtual void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchSize, 1);
        AtLeast(MaxNewTokens, 1, nameof(MaxNewTokens));
        AtLeast(MinNewTokens, 0, nameof(MinNewTokens));
        AtLeast(TopK, 0, nameof(TopK));
        AtLeast(NoRepeatNgramSize, 0, nameof(NoRepeatNgramSize));
        AtLeast(Beams, 1, nameof(Beams));
        ArgumentOutOfRangeException.ThrowIfLessThan(Sequences, 1);
        Within(Temperature, float.IsFinite(Temperature ?? 0) && Temperature is not < 0, nameof(Temperature), "0 or more");
        Within(TopP, TopP is null or (> 0 and <= 1), nameof(TopP), "above 0 and at most 1");
        Within(MinP, MinP is null or (>= 0 and <= 1), nameof(MinP), "0 to 1");
        Within(RepetitionPenalty, RepetitionPenalty is null or (> 0 and < float.PositiveInfinity), nameof(RepetitionPenalty), "above 0");
        Within(FrequencyPenalty, FrequencyPenalty is >= -2 and <= 2, nameof(FrequencyPenalty), "-2 to 2");
        Within(PresencePenalty, PresencePenalty is >= -2 and <= 2, nameof(PresencePenalty), "-2 to 2");
        Within(LengthPenalty, float.IsFinite(LengthPenalty ?? 0), nameof(LengthPenalty), "a number");
        if (EarlyStopping is { } stopping && !Enum.IsDefined(stopping))
        {
            throw new ArgumentOutOfRangeException(nameof(EarlyStopping));
        }

        RequireTexts(BadWords, nameof(BadWords));
        RequireTexts(StopStrings, nameof(StopStrings));
        ArgumentNullException.ThrowIfNull(LogitsProcessors);
        if (LogitsProcessors.Contains(null!))
        {
            throw new ArgumentException("One of them is null.", nameof(LogitsProcessors));
        }
    }

    private protected static void RequireTruncation(TruncationStrategy truncation)
    {
        if (!Enum.IsDefined(truncation))
        {
            throw new ArgumentOutOfRangeException(nameof(truncation));
        }
    }

    private static void AtLeast(int? value, int least, string name)
    {
        if (value is { } given)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(given, least, name);
        }
    }

    private static void Within(float? value, bool isRight, string name, string range)
    {
        if (!isRight)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {range}.");
        }
    }

    private static void RequireTexts(IReadOnlyList<string> texts, string name)
    {
        ArgumentNullException.ThrowIfNull(texts, name);
        if (texts.Any(string.IsNullOrEmpty))
        {
            throw new ArgumentException("One of them is empty.", name);
        }
    }
}
