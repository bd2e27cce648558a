namespace Coffer.Remote;

/// <summary>How the Open Inference Protocol travels.</summary>
public enum OpenInferenceTransport
{
    /// <summary>gRPC with raw tensors: the fastest, for every server that has it.</summary>
    Grpc,

    /// <summary>HTTP with the binary tensor extension: JSON, then the tensors as they are. Triton, OpenVINO Model Server, KServe.</summary>
    Rest,

    /// <summary>HTTP with JSON alone: the smallest part that every server has. Numbers become text on the way.</summary>
    RestJson,
}
