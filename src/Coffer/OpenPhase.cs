namespace Coffer;

/// <summary>What opening a model is busy with.</summary>
public enum OpenPhase
{
    /// <summary>Checks the bundle's signature and the license's.</summary>
    Verifying,

    /// <summary>Asks whether this device may use the bundle now, and unwraps its content keys.</summary>
    Authorizing,

    /// <summary>Reads, hashes and decrypts the main graph and its weights. The longest with large models; it counts bytes.</summary>
    Decrypting,

    /// <summary>ONNX Runtime builds its session: it optimises the graph and lays out weights.</summary>
    Loading,

    /// <summary>Runs the main graph as <see cref="Onnx.ExecutionOptions.WarmUp"/> says.</summary>
    WarmingUp,
}
