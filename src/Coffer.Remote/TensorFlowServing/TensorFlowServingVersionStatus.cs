namespace Coffer.Remote;

/// <summary>A version of a model on a server.</summary>
/// <param name="Version">The version.</param>
/// <param name="State">The server's word: <c>START</c>, <c>LOADING</c>, <c>AVAILABLE</c>, <c>UNLOADING</c> or <c>END</c>.</param>
/// <param name="Message">Why it failed; empty if it did not.</param>
public sealed record TensorFlowServingVersionStatus(long Version, string State, string Message)
{
    /// <summary>Whether it runs.</summary>
    public bool IsAvailable => State == "AVAILABLE";
}
