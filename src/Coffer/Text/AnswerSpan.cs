namespace Coffer.Text;

/// <summary>A part of a text that answers a question.</summary>
/// <param name="Text">The answer, as the text has it; empty where the text doesn't hold it.</param>
/// <param name="Score">0 to 1, over all parts of the text; those that say the same are one answer, with the sum of their scores.</param>
/// <param name="Span">Where it is in <see cref="QuestionInput.Context"/>, in UTF-16 units; empty where the text doesn't hold it.</param>
public sealed record AnswerSpan(string Text, float Score, TextSpan Span)
{
    /// <summary>How sure and where, not what it says.</summary>
    public override string ToString() => $"{Score:0.###} at {Span.Start}..{Span.End}";
}
