namespace Coffer;

/// <summary>
/// The base of every exception that Coffer throws on purpose. Each leaf carries a public enum, so that a program
/// decides by value and a person reads the message: what it was, what is wrong, what to do. No message holds a secret.
/// </summary>
public abstract class CofferException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What it was, what is wrong and what to do.</param>
    /// <param name="innerException">The cause, when another component reported it.</param>
    protected CofferException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
