using Coffer.Onnx;

namespace Coffer.Tests.Onnx;

public sealed class OnnxRuntimeDiagnosticsTests
{
    [Fact]
    public void Inspect_CpuRuntime_ReportsItselfAndEveryProvider()
    {
        var report = OnnxRuntimeDiagnostics.Inspect();

        Assert.True(report.IsUsable);
        Assert.Null(report.Problem);
        Assert.Equal(NativeRuntime.Version, report.Version);
        Assert.True(File.Exists(report.LibraryPath));
        Assert.Equal(["CPU", "CUDA", "TensorRT", "DirectML", "CoreML", "OpenVINO", "WebGPU"], report.Providers.Select(provider => provider.Name));
    }

    [Fact]
    public void Inspect_EachProvider_IsAvailableOrSaysWhyNotAndWhatToDo() =>
        Assert.All(OnnxRuntimeDiagnostics.Inspect().Providers, provider =>
        {
            Assert.Equal(provider.IsAvailable, provider.Reason is null);
            Assert.Equal(provider.IsAvailable, provider.Fix is null);
        });

    [Fact]
    public void Inspect_Cpu_IsAvailable() =>
        Assert.True(OnnxRuntimeDiagnostics.Inspect().Providers.Single(provider => provider.Name == "CPU").IsAvailable);
}
