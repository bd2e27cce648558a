using Coffer.Onnx;

namespace Coffer.Tests.Onnx;

public sealed class ExecutionProviderTests
{
    [Fact]
    public void Equals_SameNameAndSettings_IsTrue()
    {
        Assert.Equal(ExecutionProvider.Cuda(1), ExecutionProvider.Cuda(1));
        Assert.NotEqual(ExecutionProvider.Cuda(1), ExecutionProvider.Cuda(2));
        Assert.NotEqual(ExecutionProvider.Cuda(), ExecutionProvider.TensorRt());
        Assert.NotEqual(ExecutionProvider.OpenVino("GPU"), ExecutionProvider.OpenVino("NPU"));
    }

    [Fact]
    public void IsGpu_OfProcessors_IsFalse()
    {
        Assert.False(ExecutionProvider.Cpu.IsGpu);
        Assert.False(ExecutionProvider.OpenVino("CPU").IsGpu);
        Assert.True(ExecutionProvider.OpenVino("GPU").IsGpu);
        Assert.True(ExecutionProvider.Cuda().IsGpu);
    }

    [Fact]
    public void OrtName_OfEveryProvider_IsTheRuntimesOwn() =>
        // onnxruntime/core/graph/constants.h.
        Assert.Equal(
            ["CPUExecutionProvider", "CUDAExecutionProvider", "TensorrtExecutionProvider", "DmlExecutionProvider", "CoreMLExecutionProvider", "OpenVINOExecutionProvider", "WebGpuExecutionProvider"],
            new[] { ExecutionProvider.Cpu, ExecutionProvider.Cuda(), ExecutionProvider.TensorRt(), ExecutionProvider.DirectMl(), ExecutionProvider.CoreMl, ExecutionProvider.OpenVino(), ExecutionProvider.WebGpu }.Select(provider => provider.OrtName));

    [Fact]
    public void Cuda_NegativeDevice_Throws() => Assert.Throws<ArgumentOutOfRangeException>(() => ExecutionProvider.Cuda(-1));

    [Fact]
    public void ToString_WithDevice_NamesIt() => Assert.Equal("CUDA (device_id=1)", ExecutionProvider.Cuda(1).ToString());

    [Fact]
    public void TryParse_EveryWord_IsAProvider()
    {
        Assert.All(ExecutionProvider.Words, word => Assert.True(ExecutionProvider.TryParse(word.ToUpperInvariant(), out _), word));
        Assert.True(ExecutionProvider.TryParse("cuda:1", out var cuda));
        Assert.Equal(ExecutionProvider.Cuda(1), cuda);
        Assert.True(ExecutionProvider.TryParse("openvino:GPU", out var openVino));
        Assert.Equal(ExecutionProvider.OpenVino("GPU"), openVino);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("gpu")]
    [InlineData("cpu:0")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:x")]
    [InlineData("openvino:")]
    public void TryParse_NoProvider_IsNo(string? text) => Assert.False(ExecutionProvider.TryParse(text, out _));
}
