namespace Coffer.Bundles;

/// <summary>A publisher's issuer set was refused; the trust store that it was meant for stays as it is.</summary>
public sealed class TrustException : CofferException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="error">What is wrong, for programs.</param>
    /// <param name="message">What it was, what is wrong and what to do, for people.</param>
    /// <param name="innerException">The cause, when another component reported it.</param>
    public TrustException(TrustError error, string message, Exception? innerException = null)
        : base(message, innerException) => Error = error;

    /// <summary>What is wrong, for programs.</summary>
    public TrustError Error { get; }
}
