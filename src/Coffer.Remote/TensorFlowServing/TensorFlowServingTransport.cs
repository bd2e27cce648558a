namespace Coffer.Remote;

/// <summary>How TensorFlow Serving's API travels.</summary>
public enum TensorFlowServingTransport
{
    /// <summary>gRPC with the tensors' bytes: the fastest.</summary>
    Grpc,

    /// <summary>HTTP and JSON, each tensor as a whole (<c>inputs</c>, <c>outputs</c>): any model.</summary>
    RestColumns,

    /// <summary>
    /// HTTP and JSON, row by row (<c>instances</c>, <c>predictions</c>): where every input's and output's first dimension is the batch.
    /// </summary>
    RestRows,
}
