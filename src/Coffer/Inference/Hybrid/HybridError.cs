namespace Coffer.Inference;

/// <summary>Why a hybrid call has no result.</summary>
public enum HybridError
{
    /// <summary>Neither the device nor an endpoint could answer.</summary>
    BothFailed,

    /// <summary>The device did not answer within <see cref="HybridOptions.DeviceTimeout"/>, and there is no other side.</summary>
    DeviceTimedOut,

    /// <summary>No endpoint answered in time, and there is no other side.</summary>
    EndpointTimedOut,

    /// <summary>Every endpoint failed so often that it is left alone for now, and there is no other side.</summary>
    CircuitOpen,
}
