using Coffer.Inference;

namespace Coffer.Text;

/// <summary>How a model is told the languages: by a prefix, by tokens, or not at all.</summary>
internal sealed class TranslationLanguages
{
    private const string TaskPrefix = "translation_";

    private readonly GenerationModel _model;
    private readonly string[] _pairs;

    public TranslationLanguages(GenerationModel model)
    {
        _model = model;
        _pairs = [.. model.Config.Tasks.Where(task => task.StartsWith(TaskPrefix, StringComparison.Ordinal))];
    }

    /// <exception cref="InputException">The model doesn't have the languages, or the text doesn't suit it.</exception>
    public GenerationRequest Request(string text, int start, TranslatorOptions options)
    {
        if (_pairs.Length > 0)
        {
            var config = _model.Config.ForTask(FindPair(options));
            return new GenerationRequest([start], SourceText.Encode(_model, text, config.Text("prefix") ?? "", options.Truncation), options, config);
        }

        var prefix = _model.Config.Text("prefix") ?? "";
        if (options.TargetLanguage is { } target && TokenOf($">>{target}<<") is not null)
        {
            prefix = $">>{target}<< {prefix}";
            target = null;
        }

        var source = SourceText.Encode(_model, text, prefix, options.Truncation);
        SetSource(source, options.SourceLanguage, isOther: options.TargetLanguage is null || prefix.StartsWith(">>", StringComparison.Ordinal));
        var forced = prefix.StartsWith(">>", StringComparison.Ordinal) || options.TargetLanguage is null
            ? options
            : options with { ForcedFirstToken = options.ForcedFirstToken ?? LanguageToken(options.TargetLanguage) ?? throw Unknown(options.TargetLanguage) };
        return new GenerationRequest([start], source, forced, _model.Config);
    }

    private string FindPair(TranslatorOptions options)
    {
        var fitting = Array.FindAll(_pairs, pair =>
            (options.SourceLanguage is null || pair.StartsWith($"{TaskPrefix}{options.SourceLanguage}_to_", StringComparison.Ordinal))
            && (options.TargetLanguage is null || pair.EndsWith($"_to_{options.TargetLanguage}", StringComparison.Ordinal)));
        return fitting.Length == 1 ? fitting[0] : throw new InputException(
            InputError.Unsuitable,
            $"The model translates {string.Join(", ", _pairs.Select(pair => pair[TaskPrefix.Length..].Replace("_to_", " to ", StringComparison.Ordinal)))}; {(fitting.Length == 0 ? "none of these is what was asked for" : "it is not clear which is meant")}. Set {nameof(TranslatorOptions.SourceLanguage)} and {nameof(TranslatorOptions.TargetLanguage)}.");
    }

    // NLLB, M2M100, mBART: the tokenizer puts the token of a language beside the text; it is exchanged, as transformers' tokenizers do.
    private void SetSource(Span<int> ids, string? language, bool isOther)
    {
        if (language is null || (isOther && LanguageToken(language) is null))
        {
            return;
        }

        var token = LanguageToken(language) ?? throw Unknown(language);
        foreach (ref var id in ids)
        {
            if (_model.Tokenizer.IsSpecial(id) && _model.Tokenizer.IdToToken(id) is { } text && IsLanguage(text))
            {
                id = token;
                return;
            }
        }
    }

    private int? LanguageToken(string language) => TokenOf(language) ?? TokenOf($"__{language}__");

    private int? TokenOf(string token) => _model.Tokenizer.TokenToId(token) is { } id && (_model.Tokenizer.IsSpecial(id) || token.StartsWith(">>", StringComparison.Ordinal)) ? id : null;

    // __en__, eng_Latn, en_XX.
    private static bool IsLanguage(string token) =>
        (token.StartsWith("__", StringComparison.Ordinal) && token.EndsWith("__", StringComparison.Ordinal) && token.Length is > 5 and < 10)
        || (token.IndexOf('_', StringComparison.Ordinal) is 2 or 3 && token.Length is 5 or 8 && token.All(c => char.IsAsciiLetter(c) || c == '_'));

    private static InputException Unknown(string language) => new(InputError.Unsuitable, $"The model has no token for the language '{JsonConfig.Quote(language)}'. A model of one pair of languages takes none; others take the codes of their tokenizer, such as en, eng_Latn or en_XX.");
}
