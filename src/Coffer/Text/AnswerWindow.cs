namespace Coffer.Text;

/// <summary>What a window of a text says of where an answer begins and ends.</summary>
/// <param name="Start">A score a token.</param>
/// <param name="End">A score a token.</param>
internal readonly record struct AnswerWindow(float[] Start, float[] End);
