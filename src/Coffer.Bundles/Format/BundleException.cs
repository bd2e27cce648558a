namespace Coffer.Bundles;

/// <summary>A bundle was rejected.</summary>
public sealed class BundleException : CofferException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="error">What is wrong, for programs.</param>
    /// <param name="section">Where in the file.</param>
    /// <param name="message">What it was, what is wrong and what to do, for people.</param>
    /// <param name="innerException">The cause, when another component reported it.</param>
    public BundleException(BundleError error, BundleSection section, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Error = error;
        Section = section;
    }

    /// <summary>What is wrong, for programs.</summary>
    public BundleError Error { get; }

    /// <summary>Where in the file.</summary>
    public BundleSection Section { get; }
}
