namespace Coffer.Server;

/// <summary>What is measured of a request for inference: set by the protocol that reads it, recorded when it ends.</summary>
internal sealed class ServedRequest
{
    /// <summary>Only names that the server knows: callers can't make series.</summary>
    public string Model { get; set; } = "";

    public string Protocol { get; set; } = "";

    public string Outcome { get; set; } = "Ok";
}
