namespace Coffer.Text;

/// <summary>A token of a piece.</summary>
/// <param name="Id">Its number in the vocabulary.</param>
/// <param name="Start">Where it starts in the piece, in UTF-16 units.</param>
/// <param name="End">Where it ends in the piece.</param>
internal readonly record struct ModelToken(int Id, int Start, int End);
