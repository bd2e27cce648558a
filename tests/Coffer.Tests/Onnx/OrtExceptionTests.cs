using Coffer.Inference;
using Coffer.Onnx;

namespace Coffer.Tests.Onnx;

public sealed class OrtExceptionTests
{
    [Theory]
    [InlineData("std::bad_alloc", InferenceError.OutOfMemory)]
    [InlineData("bfc_arena.cc:359 Failed to allocate memory for requested buffer of size 123", InferenceError.OutOfMemory)]
    [InlineData("Available memory of 10 is smaller than requested bytes of 20", InferenceError.OutOfMemory)]
    [InlineData("CUDA failure 2: out of memory ; GPU=0", InferenceError.OutOfMemory)]
    [InlineData("Exiting due to terminate flag being set to true.", InferenceError.RunFailed)]
    public void ToInferenceError_ByWords_FindsLackOfMemory(string message, InferenceError expected) =>
        Assert.Equal(expected, new OrtException(OrtErrorCode.Fail, message).ToInferenceError(InferenceError.RunFailed));

    [Fact]
    public void ToInferenceError_ByCode_TellsModelsFromDevices()
    {
        Assert.Equal(InferenceError.InvalidModel, new OrtException(OrtErrorCode.InvalidGraph, "").ToInferenceError(InferenceError.RunFailed));
        Assert.Equal(InferenceError.InvalidModel, new OrtException(OrtErrorCode.InvalidProtobuf, "").ToInferenceError(InferenceError.RunFailed));
        Assert.Equal(InferenceError.ProviderUnavailable, new OrtException(OrtErrorCode.DeviceReset, "").ToInferenceError(InferenceError.RunFailed));
        Assert.Equal(InferenceError.RunFailed, new OrtException(OrtErrorCode.InvalidArgument, "").ToInferenceError(InferenceError.RunFailed));
    }
}
