namespace Coffer.Text;

/// <summary>A question and the text that holds its answer. Immutable. The texts stay here: no log or error carries them.</summary>
public sealed class QuestionInput
{
    /// <summary>A question about a text.</summary>
    /// <param name="question">The question.</param>
    /// <param name="context">The text that holds the answer; may be longer than the model takes.</param>
    public QuestionInput(string question, string context)
    {
        ArgumentNullException.ThrowIfNull(question);
        ArgumentNullException.ThrowIfNull(context);
        Question = question;
        Context = context;
    }

    /// <summary>The question.</summary>
    public string Question { get; }

    /// <summary>The text that holds the answer.</summary>
    public string Context { get; }

    /// <summary>How long they are, not what they say.</summary>
    public override string ToString() => $"QuestionInput of {Question.Length} and {Context.Length} characters";
}
