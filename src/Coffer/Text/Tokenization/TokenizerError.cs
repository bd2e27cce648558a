namespace Coffer.Text;

/// <summary>Why a tokenizer can't be loaded, or can't do what was asked.</summary>
public enum TokenizerError
{
    /// <summary>The files are not JSON, or not what their format says.</summary>
    Malformed,

    /// <summary>A file that is needed is not there.</summary>
    MissingFile,

    /// <summary>The tokenizer has no vocabulary.</summary>
    MissingVocabulary,

    /// <summary>The tokenizer names a normalizer, pre-tokenizer, model, post-processor or decoder that Coffer does not know.</summary>
    UnknownComponent,

    /// <summary>A component is known, but its setting is not.</summary>
    UnsupportedSetting,

    /// <summary>A token that the tokenizer refers to is not in its vocabulary.</summary>
    MissingToken,

    /// <summary>The text has more tokens than the limit, and truncation is off or can't help.</summary>
    TextTooLong,

    /// <summary>The options contradict each other or the tokenizer, for example padding without a padding token.</summary>
    InvalidOptions,

    /// <summary>A file is larger than Coffer reads.</summary>
    TooLarge,

    /// <summary>A pattern of the tokenizer takes more steps on the text than a thousand a character.</summary>
    PatternTooSlow,
}
