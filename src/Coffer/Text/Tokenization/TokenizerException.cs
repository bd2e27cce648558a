namespace Coffer.Text;

/// <summary>A tokenizer can't be loaded, or can't do what was asked.</summary>
public sealed class TokenizerException : CofferException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="error">What is wrong, for programs.</param>
    /// <param name="message">What it was, what is wrong and what to do, for people.</param>
    /// <param name="innerException">The cause, when another component reported it.</param>
    public TokenizerException(TokenizerError error, string message, Exception? innerException = null)
        : base(message, innerException) => Error = error;

    /// <summary>What is wrong, for programs.</summary>
    public TokenizerError Error { get; }
}
