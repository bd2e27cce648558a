namespace Coffer.Bundles;

/// <summary>A license was refused. A refusal never falls back to another device and never degrades in silence.</summary>
public sealed class LicenseException : CofferException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="error">What is wrong, for programs.</param>
    /// <param name="message">What it was, what is wrong and what to do, for people.</param>
    /// <param name="innerException">The cause, when another component reported it.</param>
    public LicenseException(LicenseError error, string message, Exception? innerException = null)
        : base(message, innerException) => Error = error;

    /// <summary>What is wrong, for programs.</summary>
    public LicenseError Error { get; }
}
