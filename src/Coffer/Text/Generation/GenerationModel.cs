using System.Numerics.Tensors;
using Coffer.Inference;

namespace Coffer.Text;

/// <summary>A model that generates text: its tokenizer, its graphs, and what its files say. Immutable and thread-safe.</summary>
internal sealed class GenerationModel
{
    // config.json of these has n_positions of the training, which their relative positions don't limit.
    private static readonly HashSet<string> WithoutLimit = new(StringComparer.Ordinal) { "t5", "mt5", "umt5", "longt5", "bloom", "mpt" };

    private GenerationModel(Tokenizer tokenizer, GenerationConfig config, GenerationGraphs graphs)
    {
        Tokenizer = tokenizer;
        Config = config;
        Graphs = graphs;
        EndOfSequence = config.Integers("eos_token_id") ?? (tokenizer.SpecialTokens.EndOfSequence is { } end ? [end] : []);
        VocabularySize = (int)(graphs.NextGraph.VocabularySize ?? config.Integer("vocab_size") ?? tokenizer.VocabularySize);
        MaxPositions = config.Text("model_type") is { } type && WithoutLimit.Contains(type) ? null
            : config.Integer("max_position_embeddings") ?? config.Integer("n_positions") ?? config.Integer("n_ctx");
        if (tokenizer.VocabularySize > VocabularySize)
        {
            throw new InferenceException(InferenceError.InvalidSettings, $"The model has scores for {VocabularySize} tokens, but the tokenizer has {tokenizer.VocabularySize}. Pack the tokenizer that the model was trained with.");
        }
    }

    public Tokenizer Tokenizer { get; }

    public GenerationConfig Config { get; }

    public GenerationGraphs Graphs { get; }

    /// <summary>The tokens that end a sequence; may be empty.</summary>
    public IReadOnlyList<int> EndOfSequence { get; }

    public int VocabularySize { get; }

    /// <summary>The most tokens of prompt and text together; null for no limit.</summary>
    public int? MaxPositions { get; }

    /// <summary>What rows have where they have no text: it is masked, so that any token of the model would do.</summary>
    public int PaddingToken => Config.Integer("pad_token_id") is { } token && (uint)token < (uint)VocabularySize ? token : 0;

    /// <summary>How far scores may differ, relative to the largest, that are the same but for rounding.</summary>
    public float Tolerance => Graphs.NextGraph.IsHalf ? 2e-2f : 1e-3f;

    /// <summary>A decoder alone.</summary>
    /// <param name="runner">Runs the graphs; stays the caller's.</param>
    /// <param name="graphs">Their names, the main one first.</param>
    /// <param name="files">The files that the model carries.</param>
    /// <exception cref="InferenceException">Graphs and files don't fit each other (<see cref="InferenceError.InvalidSettings"/>).</exception>
    public static GenerationModel OfDecoder(IModelRunner runner, IReadOnlyList<string> graphs, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files)
    {
        var config = GenerationConfig.Parse(files);
        return new GenerationModel(TextModelSettings.LoadTokenizer(files), config, GenerationGraphs.OfDecoder(runner, graphs, CacheShape.Parse(config)));
    }

    /// <summary>An encoder and its decoder.</summary>
    /// <param name="runner">Runs the graphs; stays the caller's.</param>
    /// <param name="graphs">Their names.</param>
    /// <param name="files">The files that the model carries.</param>
    /// <inheritdoc cref="OfDecoder" path="/exception"/>
    public static GenerationModel OfEncoderDecoder(IModelRunner runner, IReadOnlyList<string> graphs, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files)
    {
        var config = GenerationConfig.Parse(files);
        return new GenerationModel(TextModelSettings.LoadTokenizer(files), config, GenerationGraphs.OfEncoderDecoder(runner, graphs, CacheShape.Parse(config)));
    }

    /// <summary>The token that an encoder-decoder's answer begins with.</summary>
    /// <exception cref="InferenceException">No file says (<see cref="InferenceError.InvalidSettings"/>).</exception>
    public int RequireDecoderStart() => Config.Integer("decoder_start_token_id") ?? Config.Integer("bos_token_id") ?? throw GenerationConfig.Invalid("decoder_start_token_id", "is missing: no token begins an answer");

    public LogitsChain BeginChain(GenerationPlan plan, int vocabularySize) => LogitsChain.Begin(plan, new LogitsProcessorContext(Tokenizer, plan.EndOfSequence, vocabularySize));

    /// <summary>Before a run: whether the cache that it needs at the end is within the limit.</summary>
    /// <exception cref="InputException">It is not (<see cref="InputError.TooLarge"/>).</exception>
    public void RequireCacheWithin(long? limit, GenerationPlan plan, int encoderLength)
    {
        var rows = plan.Beams;
        var bytes = CacheBytes(plan.PromptLength + (long)plan.MaxNewTokens, encoderLength, rows);
        if (bytes > limit)
        {
            throw new InputException(InputError.TooLarge, $"The key-value cache for a prompt of {plan.PromptLength} tokens, {plan.MaxNewTokens} new ones and {rows} beams has {bytes} bytes; {nameof(GenerationOptions.MaxCacheBytes)} allows {limit}. Shorten the prompt, lower {nameof(GenerationOptions.MaxNewTokens)}, or raise the limit.");
        }
    }

    /// <summary>How much the cache of so many tokens takes.</summary>
    /// <param name="length">Of prompt and text.</param>
    /// <param name="encoderLength">Of what the encoder read.</param>
    /// <param name="rows">How many texts of that length.</param>
    public long CacheBytes(long length, int encoderLength, int rows) =>
        Graphs.NextGraph.Cache.Sum(tensor => tensor.BytesPerToken * (tensor.OfEncoder ? encoderLength : length) * rows);

    /// <exception cref="InferenceException">A score is not a number (<see cref="InferenceError.RunFailed"/>).</exception>
    public static void RequireNumbers(ReadOnlySpan<float> scores)
    {
        if (float.IsNaN(TensorPrimitives.Max(scores)))
        {
            throw new InferenceException(InferenceError.RunFailed, "The model gave a score that is not a number. Its weights or its numerical precision are damaged: ask the publisher, or run it on another execution provider.");
        }
    }

    /// <summary>Nothing may follow.</summary>
    public static InferenceException NoToken() => new(InferenceError.RunFailed, $"No token may follow: the options ({nameof(GenerationOptions.LogitsProcessors)}, suppressed tokens, bad words) forbid every one. Loosen them.");
}
