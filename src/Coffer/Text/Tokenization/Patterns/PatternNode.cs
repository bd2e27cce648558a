namespace Coffer.Text;

/// <summary>A part of a pattern.</summary>
internal abstract record PatternNode
{
    /// <summary>Whether it can match nothing.</summary>
    public abstract bool CanBeEmpty { get; }

    public sealed record Set(CodePointSet Value) : PatternNode
    {
        public override bool CanBeEmpty => false;
    }

    public sealed record Sequence(IReadOnlyList<PatternNode> Parts) : PatternNode
    {
        public override bool CanBeEmpty => Parts.All(p => p.CanBeEmpty);
    }

    public sealed record Choice(IReadOnlyList<PatternNode> Parts) : PatternNode
    {
        public override bool CanBeEmpty => Parts.Any(p => p.CanBeEmpty);
    }

    /// <summary>At least so many, at most so many (<see cref="int.MaxValue"/> for no limit).</summary>
    public sealed record Repeat(PatternNode Body, int Minimum, int Maximum, PatternGreed Greed) : PatternNode
    {
        public override bool CanBeEmpty => Minimum == 0 || Body.CanBeEmpty;
    }

    /// <summary>What must follow, or must not.</summary>
    public sealed record Ahead(PatternNode Body, bool IsNegated) : PatternNode
    {
        public override bool CanBeEmpty => true;
    }

    /// <summary>The character that must stand before, or must not.</summary>
    public sealed record Behind(CodePointSet Value, bool IsNegated) : PatternNode
    {
        public override bool CanBeEmpty => true;
    }

    /// <summary>What is not tried again once it matched.</summary>
    public sealed record Atomic(PatternNode Body) : PatternNode
    {
        public override bool CanBeEmpty => Body.CanBeEmpty;
    }

    public sealed record Place(PatternCode Code) : PatternNode
    {
        public override bool CanBeEmpty => true;
    }
}
