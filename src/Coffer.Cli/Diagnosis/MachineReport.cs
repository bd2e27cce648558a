using System.Runtime.InteropServices;
using Coffer.Onnx;

namespace Coffer.Cli.Diagnosis;

/// <summary>What this machine has to run models with.</summary>
/// <param name="Runtime">The native ONNX Runtime and its execution providers.</param>
/// <param name="Pictures">The picture decoder.</param>
/// <param name="Keys">Where keys are kept.</param>
/// <param name="Features">What the processor has, of what matters here.</param>
internal sealed record MachineReport(OnnxRuntimeReport Runtime, PictureDecoderReport Pictures, KeyStoreReport Keys, IReadOnlyList<CpuFeature> Features)
{
    public string Framework { get; } = RuntimeInformation.FrameworkDescription;

    public string System { get; } = RuntimeInformation.OSDescription;

    public string RuntimeIdentifier { get; } = RuntimeInformation.RuntimeIdentifier;

    public int Processors { get; } = Environment.ProcessorCount;

    /// <summary>Whether models run here at all and private keys stay private; a missing accelerator is no fault.</summary>
    public bool IsSound => Runtime.IsUsable && Pictures.Problem is null && Keys.Problem is null;

    public static MachineReport Examine(string keyFolder, IReadOnlyList<ExecutionProvider> plugIns) =>
        new(OnnxRuntimeDiagnostics.Inspect(plugIns), PictureDecoderReport.Examine(), KeyStoreReport.Examine(keyFolder), CpuFeature.Examine());
}
