using Coffer.Inference;
using Microsoft.ML.OnnxRuntime;

namespace Coffer.Onnx;

/// <summary>An error that ONNX Runtime reported. Never leaves this folder: whoever knows what was being done turns it into an
/// <see cref="InferenceException"/>.</summary>
internal sealed class OrtException : Exception
{
    public OrtException(OrtErrorCode code, string message)
        : base(message) => Code = code;

    public OrtErrorCode Code { get; }

    /// <summary>The managed half says its code only in words, at the front of the message: <c>[ErrorCode:Fail] …</c>.</summary>
    public static OrtException From(OnnxRuntimeException exception)
    {
        const string Prefix = "[ErrorCode:";
        var message = exception.Message;
        var end = message.IndexOf(']', StringComparison.Ordinal);
        if (!message.StartsWith(Prefix, StringComparison.Ordinal) || end < 0)
        {
            return new OrtException(OrtErrorCode.Fail, message);
        }

        var code = Enum.TryParse<OrtErrorCode>(message.AsSpan(Prefix.Length, end - Prefix.Length), out var parsed) ? parsed : OrtErrorCode.Fail;
        return new OrtException(code, message[(end + 1)..].Trim());
    }

    /// <summary>What this means to a caller; <paramref name="otherwise"/> when the code says no more than that it failed.</summary>
    public InferenceError ToInferenceError(InferenceError otherwise) => this switch
    {
        { IsOutOfMemory: true } => InferenceError.OutOfMemory,
        { Code: OrtErrorCode.InvalidProtobuf or OrtErrorCode.InvalidGraph or OrtErrorCode.NoModel } => InferenceError.InvalidModel,
        { Code: OrtErrorCode.DeviceReset or OrtErrorCode.EngineError or OrtErrorCode.ExecutionProviderFail } => InferenceError.ProviderUnavailable,
        _ => otherwise,
    };

    /// <summary>ONNX Runtime has no code for it: bfc_arena.cc and the providers say it in words.</summary>
    private bool IsOutOfMemory =>
        Message.Contains("Failed to allocate memory", StringComparison.Ordinal)
        || Message.Contains("bad_alloc", StringComparison.Ordinal)
        || Message.Contains("bad allocation", StringComparison.Ordinal)
        || Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase)
        || Message.Contains("is smaller than requested bytes", StringComparison.Ordinal);
}
