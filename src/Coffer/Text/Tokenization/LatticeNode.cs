namespace Coffer.Text;

/// <summary>The best way to a position of a piece.</summary>
/// <param name="Score">The sum of the log probabilities up to here.</param>
/// <param name="From">Where the last token of that way starts, or -1 where no way is known yet.</param>
/// <param name="Id">The last token.</param>
internal readonly record struct LatticeNode(double Score, int From, int Id);
