using System.Diagnostics.CodeAnalysis;

namespace Coffer.Text;

/// <summary>
/// Turns text into the numbers that a model takes, and back, as the files that come with a Hugging Face model say. Immutable and thread-safe;
/// memory for a call is kept for the next one.
/// </summary>
/// <remarks>
/// Half a surrogate pair in a text counts as U+FFFD. Offsets are UTF-16 units of the text as it was given. Results are the same with and without
/// ICU: the Unicode data is Coffer's own.
/// </remarks>
public sealed class Tokenizer
{
    private static readonly EncodeOptions DefaultEncoding = new();
    private static readonly DecodeOptions DefaultDecoding = new();

    private readonly TokenizerPipeline _pipeline;
    private readonly TokenizerSettings _settings;
    private readonly HashSet<int> _special;

    internal Tokenizer(TokenizerParts parts, TokenizerSettings settings)
    {
        _settings = settings;
        _pipeline = new(parts, settings);
        _special = [.. _pipeline.Added.Tokens.Where(t => t.IsSpecial).Select(t => t.Id)];
        foreach (var token in settings.Tokens.Values.Concat(settings.AdditionalSpecialTokens))
        {
            if (TokenToId(token) is { } id)
            {
                _special.Add(id);
            }
        }

        SpecialTokens = SpecialTokenFinder.Find(settings, TokenToId, parts.Model.UnknownId, IsSpecial);
    }

    /// <summary>The special tokens that the files name.</summary>
    public SpecialTokens SpecialTokens { get; }

    /// <summary>One more than the greatest number of a token, added ones included.</summary>
    public int VocabularySize => Math.Max(_pipeline.Model.Vocabulary.Size, _pipeline.Added.Size);

    /// <summary>The side that batches are padded on, as the files say.</summary>
    internal TokenSide PaddingSide => _settings.PaddingSide;

    /// <summary>Whether tokens that continue a word are marked as such, so that words are known.</summary>
    internal bool MarksContinuation => _pipeline.Model.MarksContinuation;

    /// <summary>The most tokens that the model takes, special ones included; null where the files don't say.</summary>
    public int? ModelMaxLength => _settings.ModelMaxLength;

    /// <summary>The Jinja template that turns messages into a prompt, as the files have it; null where there is none.</summary>
    public string? ChatTemplate => _settings.ChatTemplate;

    /// <summary>Reads tokenizer.json, and tokenizer_config.json for what it does not say.</summary>
    /// <param name="tokenizerJson">The bytes of tokenizer.json.</param>
    /// <param name="tokenizerConfigJson">The bytes of tokenizer_config.json, or nothing.</param>
    /// <exception cref="TokenizerException">
    /// A file is malformed, lacks its vocabulary, or names a component that this version does not know; the message says which.
    /// </exception>
    public static Tokenizer FromHuggingFace(ReadOnlyMemory<byte> tokenizerJson, ReadOnlyMemory<byte> tokenizerConfigJson = default) =>
        new(HuggingFaceReader.Read(tokenizerJson), TokenizerSettings.Read(tokenizerConfigJson));

    /// <summary>
    /// Reads whichever tokenizer a model's files hold: tokenizer.json, else vocab.json and merges.txt (byte-level BPE), else vocab.txt (WordPiece),
    /// else tiktoken's .tiktoken (under its own name, such as cl100k_base.tiktoken), else SentencePiece's .model (Unigram or BPE);
    /// with tokenizer_config.json, special_tokens_map.json and chat_template.jinja beside it.
    /// </summary>
    /// <param name="files">The files' bytes by name. Others are ignored.</param>
    /// <exception cref="TokenizerException">
    /// None of these is there (<see cref="TokenizerError.MissingFile"/>), or as <see cref="FromHuggingFace"/>.
    /// </exception>
    public static Tokenizer FromFiles(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        return TokenizerFiles.Open(files);
    }

    /// <summary>Encodes a text.</summary>
    /// <param name="text">The text; may be empty.</param>
    /// <param name="options">Null: special tokens, no limit, no padding.</param>
    /// <exception cref="TokenizerException">
    /// The text has more tokens than <see cref="EncodeOptions.MaxLength"/> and truncation is off (<see cref="TokenizerError.TextTooLong"/>; the message says
    /// by how much), or the options make no sense (<see cref="TokenizerError.InvalidOptions"/>).
    /// </exception>
    public TextEncoding Encode(string text, EncodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        return PadBatch([EncodeOne(text, null, options ?? DefaultEncoding)], options)[0];
    }

    /// <summary>Encodes a pair of texts into one sequence.</summary>
    /// <param name="first">The first text, such as a question.</param>
    /// <param name="second">The second text, such as a passage.</param>
    /// <param name="options">Null: special tokens, no limit, no padding.</param>
    /// <exception cref="TokenizerException">As for one text; also when truncating one of the texts can't make the pair short enough.</exception>
    public TextEncoding EncodePair(string first, string second, EncodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return PadBatch([EncodeOne(first, second, options ?? DefaultEncoding)], options)[0];
    }

    /// <summary>Encodes several texts; <see cref="PaddingStrategy.Longest"/> pads to the longest of them.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="options">Null: special tokens, no limit, no padding.</param>
    /// <exception cref="TokenizerException">As for one text.</exception>
    public IReadOnlyList<TextEncoding> EncodeBatch(IReadOnlyList<string> texts, EncodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return PadBatch([.. texts.Select(text => EncodeOne(text, null, options ?? DefaultEncoding))], options);
    }

    /// <summary>Encodes several pairs of texts; <see cref="PaddingStrategy.Longest"/> pads to the longest of them.</summary>
    /// <param name="pairs">The pairs.</param>
    /// <param name="options">Null: special tokens, no limit, no padding.</param>
    /// <exception cref="TokenizerException">As for one pair.</exception>
    public IReadOnlyList<TextEncoding> EncodePairBatch(IReadOnlyList<(string First, string Second)> pairs, EncodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return PadBatch([.. pairs.Select(pair => EncodeOne(pair.First, pair.Second, options ?? DefaultEncoding))], options);
    }

    /// <summary>Encodes a text into the caller's memory, without allocation once the tokenizer is warm.</summary>
    /// <param name="text">The text.</param>
    /// <param name="ids">Where the tokens' numbers go.</param>
    /// <param name="count">How many tokens the text has, also when there is no room for them.</param>
    /// <param name="addSpecialTokens">Whether the tokenizer's special tokens are put around the text.</param>
    /// <returns>Whether <paramref name="ids"/> had room for all.</returns>
    public bool TryEncode(ReadOnlySpan<char> text, Span<int> ids, out int count, bool addSpecialTokens = true)
    {
        var workspace = _pipeline.Rent();
        _pipeline.Run(text, workspace);
        count = TokenWriter.Write(_pipeline.Template, workspace.Tokens.Items, ids, addSpecialTokens);
        _pipeline.Return(workspace);
        if (count <= ids.Length)
        {
            return true;
        }

        ids.Clear();
        return false;
    }

    /// <summary>The number of tokens of a text, without allocation once the tokenizer is warm.</summary>
    public int CountTokens(ReadOnlySpan<char> text, bool addSpecialTokens = true)
    {
        _ = TryEncode(text, [], out var count, addSpecialTokens);
        return count;
    }

    /// <summary>Turns tokens back into text. Numbers that the vocabulary lacks are skipped.</summary>
    /// <param name="ids">The tokens' numbers.</param>
    /// <param name="options">Null: with special tokens, spaces cleaned up as the files say.</param>
    public string Decode(ReadOnlySpan<int> ids, DecodeOptions? options = null)
    {
        options ??= DefaultDecoding;
        var text = Join(ids, options.SkipSpecialTokens);
        return CleansUp(options) ? TextCleanUp.Apply(text) : text;
    }

    /// <summary>Turns tokens into text one by one, as a model generates them.</summary>
    /// <param name="options">Null: with special tokens, spaces cleaned up as the files say.</param>
    public TokenStreamDecoder CreateStreamDecoder(DecodeOptions? options = null)
    {
        options ??= DefaultDecoding;
        return new(this, options.SkipSpecialTokens, CleansUp(options));
    }

    /// <summary>The number of a token, or null where the vocabulary lacks it.</summary>
    public int? TokenToId(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        return _pipeline.Added.Find(token)?.Id ?? (_pipeline.Model.Vocabulary.TryGetId(token, out var id) ? id : null);
    }

    /// <summary>The token of a number, as the vocabulary writes it, or null where there is none.</summary>
    public string? IdToToken(int id) => TryGetToken(id, out var token) ? token : null;

    /// <summary>Whether a token is special: left out by <see cref="DecodeOptions.SkipSpecialTokens"/>.</summary>
    public bool IsSpecial(int id) => _special.Contains(id);

    /// <summary>How tokens become text.</summary>
    internal TokenDecoder? Decoder => _pipeline.Decoder;

    /// <summary>The text of tokens before spaces are cleaned up.</summary>
    internal string Join(ReadOnlySpan<int> ids, bool skipSpecialTokens)
    {
        var parts = new List<string>(ids.Length);
        foreach (var id in ids)
        {
            if (TryGetToken(id, out var token) && !(skipSpecialTokens && IsSpecial(id)))
            {
                parts.Add(token);
            }
        }

        return Join(parts);
    }

    /// <summary>The text of tokens as the vocabulary writes them, before spaces are cleaned up: <c>convert_tokens_to_string</c>.</summary>
    internal string Join(List<string> tokens)
    {
        if (_pipeline.Decoder is null)
        {
            return string.Join(' ', tokens);
        }

        _pipeline.Decoder.Decode(tokens);
        return string.Concat(tokens);
    }

    private bool TryGetToken(int id, [NotNullWhen(true)] out string? token)
    {
        token = _pipeline.Added.Find(id)?.Content;
        return token is not null || _pipeline.Model.Vocabulary.TryGetToken(id, out token);
    }

    private bool CleansUp(DecodeOptions options) => options.CleanUpTokenizationSpaces ?? _settings.CleanUpTokenizationSpaces;

    private TextEncoding EncodeOne(string first, string? second, EncodeOptions options) =>
        new EncodingBuilder(_pipeline, this, options, _settings).Encode(first, second);

    private TextEncoding[] PadBatch(TextEncoding[] batch, EncodeOptions? options) =>
        options is null or { Padding: PaddingStrategy.None } ? batch : new EncodingPadding(this, options, _settings.PaddingSide).Pad(batch);
}
