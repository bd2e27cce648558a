namespace Coffer.Text;

/// <summary>What becomes of a delimiter, by the names of tokenizer.json.</summary>
internal enum SplitBehavior
{
    /// <summary>A piece of its own.</summary>
    Isolated,

    /// <summary>Dropped.</summary>
    Removed,

    /// <summary>Part of the piece before it.</summary>
    MergedWithPrevious,

    /// <summary>Part of the piece after it.</summary>
    MergedWithNext,

    /// <summary>Neighbouring delimiters are one piece.</summary>
    Contiguous,
}
