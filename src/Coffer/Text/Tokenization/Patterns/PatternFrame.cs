namespace Coffer.Text;

/// <summary>Where a match goes on when the way that it took fails.</summary>
/// <param name="Instruction">The instruction; for a run, the run's own.</param>
/// <param name="Position">The place in the text; for a run, the least that it keeps.</param>
/// <param name="RunEnd">Where a run ended, or -1.</param>
internal readonly record struct PatternFrame(int Instruction, int Position, int RunEnd);
