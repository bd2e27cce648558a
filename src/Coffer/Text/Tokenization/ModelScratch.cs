namespace Coffer.Text;

/// <summary>Memory that the models share during one call.</summary>
internal sealed class ModelScratch
{
    /// <summary>The tokens of the piece at hand.</summary>
    public GrowingList<ModelToken> Output { get; } = new();

    public GrowingList<MergeSymbol> Symbols { get; } = new();

    public MergeQueue Queue { get; } = new();

    public PieceCache Cache { get; } = new();

    public GrowingList<LatticeNode> Lattice { get; } = new();

    public GrowingList<char> Chars { get; } = new();
}
