namespace Coffer.Inference;

/// <summary>A hybrid call has no result, although nobody refused it.</summary>
public sealed class HybridException : CofferException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="error">What is wrong, for programs.</param>
    /// <param name="message">What it was, what is wrong and what to do, for people.</param>
    /// <param name="legs">Where it was tried, in order.</param>
    /// <param name="innerException">What the last side threw.</param>
    public HybridException(HybridError error, string message, IReadOnlyList<PredictionLeg> legs, Exception? innerException = null)
        : base(message, innerException)
    {
        Error = error;
        Legs = legs;
    }

    /// <summary>What is wrong, for programs.</summary>
    public HybridError Error { get; }

    /// <summary>Where it was tried, in order.</summary>
    public IReadOnlyList<PredictionLeg> Legs { get; }
}
