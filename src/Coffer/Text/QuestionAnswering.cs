namespace Coffer.Text;

/// <summary>The answers to a question.</summary>
public sealed record QuestionAnswering
{
    /// <summary>Creates a result.</summary>
    /// <param name="answers">Best first; may be empty.</param>
    public QuestionAnswering(IReadOnlyList<AnswerSpan> answers)
    {
        ArgumentNullException.ThrowIfNull(answers);
        Answers = answers;
    }

    /// <summary>The answers, best first: as many as <see cref="QuestionAnswererOptions.TopK"/>, or fewer.</summary>
    public IReadOnlyList<AnswerSpan> Answers { get; }

    /// <summary>The best answer; null where no part of the text can be one.</summary>
    public AnswerSpan? Top => Answers.Count > 0 ? Answers[0] : null;

    /// <summary>How many there are, not what they say.</summary>
    public override string ToString() => $"{Answers.Count} answers";
}
