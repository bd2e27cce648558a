namespace Coffer.Remote;

/// <summary>A JSON body that carries tensors: how a call's inputs are written, and its outputs read.</summary>
/// <param name="Write">Writes the request.</param>
/// <param name="Read">Reads the reply.</param>
internal sealed record JsonFormat(Action<PooledBody, RemoteModelCall> Write, JsonReplyReader Read)
{
    /// <summary>The Open Inference Protocol's, with the elements in the JSON.</summary>
    public static JsonFormat OpenInference { get; } = new((body, call) => OpenInferenceJson.WriteRequest(body, call, binarySizes: null), OpenInferenceJson.ReadReply);

    public static JsonFormat Of(RemoteBodyFormat format) => format switch
    {
        RemoteBodyFormat.TensorFlowColumns => TensorFlowColumns(signatureName: null),
        RemoteBodyFormat.TensorFlowRows => TensorFlowRows(signatureName: null),
        _ => OpenInference,
    };

    /// <summary>TensorFlow Serving's, by column.</summary>
    public static JsonFormat TensorFlowColumns(string? signatureName) => new((body, call) => TensorFlowServingJson.WriteColumns(body, call, signatureName), TensorFlowServingJson.ReadReply);

    /// <summary>TensorFlow Serving's, by row.</summary>
    public static JsonFormat TensorFlowRows(string? signatureName) => new((body, call) => TensorFlowServingJson.WriteRows(body, call, signatureName), TensorFlowServingJson.ReadReply);
}

/// <exception cref="InvalidDataException">The reply is not what the format says.</exception>
internal delegate void JsonReplyReader(ReadOnlySpan<byte> json, RemoteModelCall call);
