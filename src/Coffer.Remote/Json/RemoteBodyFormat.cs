namespace Coffer.Remote;

/// <summary>The JSON that a model behind a cloud's gateway takes and gives.</summary>
public enum RemoteBodyFormat
{
    /// <summary>The Open Inference Protocol's, with the elements in the JSON: Triton, MLServer, KServe's containers.</summary>
    OpenInference,

    /// <summary>TensorFlow Serving's, each tensor as a whole: <c>{"inputs": {"x": …}}</c>, <c>{"outputs": …}</c>.</summary>
    TensorFlowColumns,

    /// <summary>
    /// TensorFlow Serving's, row by row: <c>{"instances": [{"x": …}, …]}</c>, <c>{"predictions": […]}</c>. Every input's and output's first
    /// dimension is the batch.
    /// </summary>
    TensorFlowRows,
}
