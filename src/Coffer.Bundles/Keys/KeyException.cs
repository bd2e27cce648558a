namespace Coffer.Bundles;

/// <summary>A key on this machine can't be read, trusted or used.</summary>
public sealed class KeyException : CofferException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="error">What is wrong, for programs.</param>
    /// <param name="message">What it was, what is wrong and what to do, for people.</param>
    /// <param name="innerException">The cause, when another component reported it.</param>
    public KeyException(KeyError error, string message, Exception? innerException = null)
        : base(message, innerException) => Error = error;

    /// <summary>What is wrong, for programs.</summary>
    public KeyError Error { get; }
}
