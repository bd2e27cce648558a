using System.Numerics.Tensors;

namespace Coffer.Text;

/// <summary>A token, or a word of several, with a score for each label.</summary>
/// <param name="Word">As transformers writes it.</param>
/// <param name="Scores">0 to 1, one a label.</param>
/// <param name="Span">In the text.</param>
/// <param name="Token">The place of the token.</param>
/// <param name="ContinuesWord">Whether it belongs to the word of the token before it.</param>
internal readonly record struct TokenScores(string Word, ReadOnlyMemory<float> Scores, TextSpan Span, int Token, bool ContinuesWord)
{
    /// <summary>The best label; of equal ones, the first.</summary>
    public int Best => TensorPrimitives.IndexOfMax(Scores.Span);

    public float Greatest => Scores.Span[Best];
}
