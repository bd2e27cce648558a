namespace Coffer.Packaging;

/// <summary>A model could not be packed.</summary>
public sealed class PackagingException : CofferException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="error">What is wrong, for programs.</param>
    /// <param name="message">What it was, what is wrong and what to do, for people.</param>
    /// <param name="innerException">The cause, when another component reported it.</param>
    public PackagingException(PackagingError error, string message, Exception? innerException = null)
        : base(message, innerException) => Error = error;

    /// <summary>What is wrong, for programs.</summary>
    public PackagingError Error { get; }
}
