namespace Coffer.Inference;

/// <summary>Why a model could not be run.</summary>
public enum InferenceError
{
    /// <summary>No native ONNX Runtime, or no native picture decoder, was found: a Coffer.Runtime package is missing.</summary>
    RuntimeMissing,

    /// <summary>The native ONNX Runtime is older than the managed one needs.</summary>
    RuntimeTooOld,

    /// <summary>An execution provider that was required is not there or can't start.</summary>
    ProviderUnavailable,

    /// <summary>ONNX Runtime can't load the graph.</summary>
    InvalidModel,

    /// <summary>The model has no graph of that name.</summary>
    UnknownGraph,

    /// <summary>The graph has no input or output of that name.</summary>
    UnknownTensor,

    /// <summary>An input or output has another element type.</summary>
    WrongElementType,

    /// <summary>An input's shape is not one that the graph takes.</summary>
    WrongShape,

    /// <summary>The call is used out of order: an input is missing, or nothing has run yet.</summary>
    InvalidCall,

    /// <summary>The model and its settings don't fit each other, for example labels and output size.</summary>
    InvalidSettings,

    /// <summary>The device ran out of memory.</summary>
    OutOfMemory,

    /// <summary>The run failed in ONNX Runtime.</summary>
    RunFailed,

    /// <summary>The runner can't do what was asked, by its <see cref="RunnerCapabilities"/>.</summary>
    NotCapable,
}
