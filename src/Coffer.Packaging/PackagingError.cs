namespace Coffer.Packaging;

/// <summary>Why a model could not be packed.</summary>
public enum PackagingError
{
    /// <summary>There is no model at that path, or no <c>.onnx</c> file in that folder.</summary>
    NotFound,

    /// <summary>The file or the folder could not be read, or it changed while it was packed.</summary>
    Unreadable,

    /// <summary>The file is not an ONNX model, or it is damaged.</summary>
    NotAnOnnxModel,

    /// <summary>The model is ONNX, but something in it contradicts the specification, for example a tensor with too few elements.</summary>
    InvalidModel,

    /// <summary>The model's protobuf would exceed 2 GiB, the most that the format holds.</summary>
    TooLarge,

    /// <summary>A tensor's data, or a file of the folder, lies outside the model's folder.</summary>
    OutsideFolder,

    /// <summary>A file that a tensor's data should be in is missing or shorter than the model says.</summary>
    ExternalDataMissing,

    /// <summary>More than one file could be meant.</summary>
    Ambiguous,

    /// <summary>A file's name can't be the name of a bundle's part.</summary>
    InvalidName,

    /// <summary>Labels or preprocessing options contradict themselves or each other.</summary>
    InvalidSettings,

    /// <summary>ONNX Runtime does not run the original model on any generated input, so nothing can be proved about the packed one.</summary>
    NotRunnable,

    /// <summary>The original model gives other outputs each time, so the packed one can't be compared with it.</summary>
    NotReproducible,

    /// <summary>The packed model's outputs are not the original's; of an optimised one, they differ by more than <see cref="GraphProofOptions.Tolerance"/>.</summary>
    OutputsChanged,

    /// <summary>ONNX Runtime can't optimise the model, or can't write what it optimised.</summary>
    NotOptimizable,
}
