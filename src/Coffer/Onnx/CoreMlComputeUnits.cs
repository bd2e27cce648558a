namespace Coffer.Onnx;

/// <summary>What CoreML may compute on.</summary>
public enum CoreMlComputeUnits
{
    /// <summary>Everything there is, as the system decides.</summary>
    All,

    /// <summary>The processor and the neural engine.</summary>
    CpuAndNeuralEngine,

    /// <summary>The processor and the GPU.</summary>
    CpuAndGpu,

    /// <summary>The processor alone.</summary>
    CpuOnly,
}
