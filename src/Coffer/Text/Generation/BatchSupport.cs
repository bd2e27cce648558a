namespace Coffer.Text;

/// <summary>Which prompts a model's graphs take in one run.</summary>
internal enum BatchSupport
{
    /// <summary>One alone.</summary>
    None,

    /// <summary>Those of one length: the graphs can't tell padding from text.</summary>
    OneLength,

    /// <summary>Any.</summary>
    Padded,
}
