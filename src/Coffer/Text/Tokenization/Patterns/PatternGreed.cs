namespace Coffer.Text;

/// <summary>How many repetitions a pattern prefers.</summary>
internal enum PatternGreed
{
    /// <summary>As many as leave a match for the rest.</summary>
    Greedy,

    /// <summary>As few as leave a match for the rest.</summary>
    Lazy,

    /// <summary>As many as there are, whatever the rest needs.</summary>
    Possessive,
}
