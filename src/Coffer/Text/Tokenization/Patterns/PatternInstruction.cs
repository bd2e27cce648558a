namespace Coffer.Text;

/// <summary>A step of a pattern.</summary>
internal readonly record struct PatternInstruction(PatternCode Code)
{
    public CodePointSet? Set { get; init; }

    /// <summary>Where to go on.</summary>
    public int Target { get; init; }

    public int Minimum { get; init; }

    public int Maximum { get; init; }

    public bool IsNegated { get; init; }

    /// <summary>Whether a run gives nothing back.</summary>
    public bool IsPossessive { get; init; }
}
