namespace Coffer.Text;

/// <summary>A constraint on generated text can't be made, or can't be kept.</summary>
public sealed class ConstraintException : CofferException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="error">What is wrong, for programs.</param>
    /// <param name="message">What it was, what is wrong and what to do, for people.</param>
    /// <param name="innerException">The cause, when another component reported it.</param>
    public ConstraintException(ConstraintError error, string message, Exception? innerException = null)
        : base(message, innerException) => Error = error;

    /// <summary>What is wrong, for programs.</summary>
    public ConstraintError Error { get; }
}
