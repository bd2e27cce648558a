namespace Coffer.Onnx;

/// <summary>What ONNX Runtime does with decrypted weights when a session is made.</summary>
public enum WeightLoading
{
    /// <summary>
    /// <see cref="Prepacked"/> below 64 MiB of weights, <see cref="Direct"/> above. Below 8 MiB and on the processor alone, the decrypted
    /// weights stay beside the prepacked ones, which saves copying them.
    /// </summary>
    Auto,

    /// <summary>
    /// Uses the decrypted weights where they lie: opens fastest, peak memory about the model's size. Batches larger than one
    /// may run up to 1.35 times slower.
    /// </summary>
    Direct,

    /// <summary>Copies the weights into the layout that the kernels like best; peak memory about twice the model's size.</summary>
    Prepacked,
}
