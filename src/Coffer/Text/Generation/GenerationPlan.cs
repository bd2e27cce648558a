using Coffer.Inference;

namespace Coffer.Text;

/// <summary>What holds for one generation: the caller's options over the model's files over transformers' defaults.</summary>
internal sealed record GenerationPlan
{
    private const int DefaultNewTokens = 256;
    private const int DefaultTopK = 50;

    private GenerationPlan()
    {
    }

    public int PromptLength { get; private init; }

    public int MaxNewTokens { get; private init; }

    public int MinLength { get; private init; }

    public int MinNewTokens { get; private init; }

    public bool Sample { get; private init; }

    public float Temperature { get; private init; }

    public int TopK { get; private init; }

    public float TopP { get; private init; }

    public float MinP { get; private init; }

    public float RepetitionPenalty { get; private init; }

    public float FrequencyPenalty { get; private init; }

    public float PresencePenalty { get; private init; }

    public int? Seed { get; private init; }

    public int NoRepeatNgramSize { get; private init; }

    public int? ForcedFirstToken { get; private init; }

    public IReadOnlyList<int> ForcedLastTokens { get; private init; } = [];

    public IReadOnlyList<int> SuppressTokens { get; private init; } = [];

    public IReadOnlyList<int> SuppressFirstTokens { get; private init; } = [];

    public IReadOnlyList<int[]> BadWords { get; private init; } = [];

    public IReadOnlyList<string> StopStrings { get; private init; } = [];

    public IReadOnlyList<int> EndOfSequence { get; private init; } = [];

    public int Beams { get; private init; }

    public float LengthPenalty { get; private init; }

    public EarlyStopping EarlyStopping { get; private init; }

    public int Sequences { get; private init; }

    public IReadOnlyList<LogitsProcessor> LogitsProcessors { get; private init; } = [];

    /// <summary>Decides every setting.</summary>
    /// <param name="options">The caller's, valid each for itself.</param>
    /// <param name="model">The model.</param>
    /// <param name="config">The files, for the task.</param>
    /// <param name="promptLength">The decoder's tokens at the beginning.</param>
    /// <param name="streams">Whether tokens are given as they come, so that there is one sequence.</param>
    /// <exception cref="ArgumentException">Options contradict each other.</exception>
    /// <exception cref="InputException">Prompt and new tokens are more than the model has positions for (<see cref="InputError.TooLarge"/>).</exception>
    public static GenerationPlan For(GenerationOptions options, GenerationModel model, GenerationConfig config, int promptLength, bool streams)
    {
        var end = options.EndOfSequence ?? model.EndOfSequence;
        var temperature = options.Temperature ?? config.Number("temperature") ?? 1;
        var asked = options.Temperature is not null || options.TopK is not null || options.TopP is not null || options.MinP is not null;
        var newTokens = NewTokens(options, model, config, promptLength);
        var plan = new GenerationPlan
        {
            PromptLength = promptLength,
            MaxNewTokens = newTokens,
            MinLength = options.MinNewTokens is null ? config.Integer("min_length") ?? 0 : 0,
            MinNewTokens = options.MinNewTokens ?? Math.Min(config.Integer("min_new_tokens") ?? 0, newTokens),
            Sample = temperature > 0 && (options.Sample ?? (asked || (config.Flag("do_sample") ?? false))),
            Temperature = temperature,
            TopK = options.TopK ?? config.Integer("top_k") ?? DefaultTopK,
            TopP = options.TopP ?? config.Number("top_p") ?? 1,
            MinP = options.MinP ?? config.Number("min_p") ?? 0,
            RepetitionPenalty = options.RepetitionPenalty ?? config.Number("repetition_penalty") ?? 1,
            FrequencyPenalty = options.FrequencyPenalty,
            PresencePenalty = options.PresencePenalty,
            Seed = options.Seed,
            NoRepeatNgramSize = options.NoRepeatNgramSize ?? config.Integer("no_repeat_ngram_size") ?? 0,
            ForcedFirstToken = Known(options.ForcedFirstToken ?? config.Integer("forced_bos_token_id"), model, "forced_bos_token_id"),
            ForcedLastTokens = options.ForcedLastToken is { } last ? [last] : config.Integers("forced_eos_token_id") ?? [],
            SuppressTokens = options.SuppressTokens ?? config.Integers("suppress_tokens") ?? [],
            SuppressFirstTokens = options.SuppressFirstTokens ?? config.Integers("begin_suppress_tokens") ?? [],
            BadWords = [.. config.Sequences("bad_words_ids").Select(word => word.ToArray()), .. options.BadWords.SelectMany(word => Words(word, model.Tokenizer)).Where(word => word.Length > 0)],
            StopStrings = options.StopStrings,
            EndOfSequence = end,
            Beams = options.Beams ?? (streams ? 1 : config.Integer("num_beams") ?? 1),
            LengthPenalty = options.LengthPenalty ?? config.Number("length_penalty") ?? 1,
            EarlyStopping = options.EarlyStopping ?? config.EarlyStopping() ?? EarlyStopping.Heuristic,
            Sequences = options.Sequences,
            LogitsProcessors = options.LogitsProcessors,
        };
        plan.ForcedLastTokens.ToList().ForEach(token => Known(token, model, "forced_eos_token_id"));
        plan.RequireSense(streams);
        return plan;
    }

    /// <summary>Of sampling alone.</summary>
    internal static GenerationPlan ForSampling(float temperature, int topK, float topP, float minP) => new() { Sample = true, Temperature = temperature, TopK = topK, TopP = topP, MinP = minP };

    /// <summary>What draws: the same each time where a seed is given.</summary>
    public Random CreateRandom() => Seed is { } seed ? new Random(seed) : new Random();

    private static int NewTokens(GenerationOptions options, GenerationModel model, GenerationConfig config, int promptLength)
    {
        var room = model.MaxPositions is { } positions ? positions - promptLength : int.MaxValue;
        if (room < Math.Max(1, options.MaxNewTokens ?? 1))
        {
            throw new InputException(
                InputError.TooLarge,
                options.MaxNewTokens is { } asked && room > 0
                    ? $"The prompt has {promptLength} tokens and {asked} are to be generated; the model has {model.MaxPositions} positions, which is {asked - room} too few. Shorten the prompt, or lower {nameof(GenerationOptions.MaxNewTokens)} to {room}."
                    : $"The prompt has {promptLength} tokens and the model has {model.MaxPositions} positions, which leaves none to generate. Shorten the prompt by {1 - room} tokens or more.");
        }

        if (options.MaxNewTokens is { } given)
        {
            return given;
        }

        // transformers: max_length counts the prompt, and max_new_tokens goes before it.
        var fromFiles = config.Integer("max_new_tokens") ?? (config.Integer("max_length") is { } length && length > promptLength ? length - promptLength : null);
        return Math.Min(room, fromFiles is > 0 ? fromFiles.Value : DefaultNewTokens);
    }

    // A word inside of a sentence has other tokens than at its beginning.
    private static IEnumerable<int[]> Words(string word, Tokenizer tokenizer)
    {
        var plain = new EncodeOptions { AddSpecialTokens = false };
        var alone = tokenizer.Encode(word, plain).Ids.ToArray();
        var inside = tokenizer.Encode(" " + word, plain).Ids.ToArray();
        return alone.AsSpan().SequenceEqual(inside) ? [alone] : [alone, inside];
    }

    private static int? Known(int? token, GenerationModel model, string name) =>
        token is not { } id ? null
        : (uint)id < (uint)model.VocabularySize ? id
        : throw new ArgumentException($"The token {id} ({name}) is not one of the model's {model.VocabularySize}.");

    private void RequireSense(bool streams)
    {
        if (streams && (Beams > 1 || Sequences > 1))
        {
            throw new ArgumentException($"A stream gives the tokens of one sequence as they come; a beam search knows its tokens at the end. Use PredictAsync with {nameof(GenerationOptions.Beams)} {Beams} and {nameof(GenerationOptions.Sequences)} {Sequences}.");
        }

        if (Sequences > 1 && !Sample && Sequences > Beams)
        {
            throw new ArgumentException($"{Sequences} sequences were asked for. Without sampling, {nameof(GenerationOptions.Beams)} must be as many or more; it is {Beams}.");
        }

        if (Beams > 1 && Sequences > Beams)
        {
            throw new ArgumentException($"A beam search over {Beams} beams has no {Sequences} sequences to return.");
        }

        if (MinNewTokens > MaxNewTokens)
        {
            throw new ArgumentException($"{nameof(GenerationOptions.MinNewTokens)} is {MinNewTokens}, more than {nameof(GenerationOptions.MaxNewTokens)}, {MaxNewTokens}.");
        }

        // Files may hold what the options refuse.
        if (Temperature < 0 || TopK < 0 || TopP is <= 0 or > 1 || MinP is < 0 or > 1 || RepetitionPenalty <= 0 || NoRepeatNgramSize < 0 || Beams < 1)
        {
            throw new InferenceException(InferenceError.InvalidSettings, $"The model's generation_config.json has a temperature ({Temperature}), top_k ({TopK}), top_p ({TopP}), min_p ({MinP}), repetition_penalty ({RepetitionPenalty}), no_repeat_ngram_size ({NoRepeatNgramSize}) or num_beams ({Beams}) out of range. Correct it and pack the model again, or give the options.");
        }
    }
}
