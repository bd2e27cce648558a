namespace Coffer.Inference;

/// <summary>Why an input was refused before it reached a model.</summary>
public enum InputError
{
    /// <summary>The file can't be read.</summary>
    Unreadable,

    /// <summary>There are no bytes, or the text has no token.</summary>
    Empty,

    /// <summary>The bytes are not in a format that is understood.</summary>
    UnknownFormat,

    /// <summary>The bytes end early or contradict themselves.</summary>
    Corrupt,

    /// <summary>The input is larger than the limit that the options set, or than the model takes.</summary>
    TooLarge,

    /// <summary>The input is not what the model takes.</summary>
    Unsuitable,
}
