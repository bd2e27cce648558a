using Coffer.Inference;
using Microsoft.ML.OnnxRuntime;

namespace Coffer.Onnx;

/// <summary>Examines the native ONNX Runtime for <c>coffer doctor</c>, health pages and bug reports.</summary>
public static class OnnxRuntimeDiagnostics
{
    /// <summary>Examines the runtime. Loads it, and asks the loader for each provider's libraries by name; opens no device.</summary>
    /// <returns>Also when there is no runtime: then the report says so.</returns>
    public static OnnxRuntimeReport Inspect() => Inspect([]);

    /// <summary>Examines the runtime, and providers beside those that Coffer knows: a plug-in's library is loaded, and asked for its device.</summary>
    /// <param name="others">For example <see cref="ExecutionProvider.PlugIn(string, string)"/>.</param>
    /// <returns>Also when there is no runtime: then the report says so.</returns>
    public static OnnxRuntimeReport Inspect(IReadOnlyList<ExecutionProvider> others)
    {
        ArgumentNullException.ThrowIfNull(others);
        var managed = typeof(OrtEnv).Assembly.GetName().Version!.ToString(3);
        try
        {
            var available = OrtEnvironment.Get().GetAvailableProviders();
            return new OnnxRuntimeReport
            {
                ManagedVersion = managed,
                Version = NativeRuntime.Version,
                LibraryPath = NativeRuntime.LibraryPath,
                Providers = [.. Known.Concat(others).Select(Examine)],
                OtherProviders = [.. available.Except(Known.Select(provider => provider.OrtName))],
            };
        }
        catch (InferenceException e)
        {
            return new OnnxRuntimeReport { ManagedVersion = managed, Error = e.Error, Problem = e.Message };
        }
    }

    private static ExecutionProviderReport Examine(ExecutionProvider provider)
    {
        var obstacle = ExecutionProviderProbe.FindObstacle(provider);
        return new ExecutionProviderReport(provider.Name, obstacle is null, obstacle?.Reason, obstacle?.Fix);
    }

    private static readonly ExecutionProvider[] Known =
    [
        ExecutionProvider.Cpu,
        ExecutionProvider.Cuda(),
        ExecutionProvider.TensorRt(),
        ExecutionProvider.DirectMl(),
        ExecutionProvider.CoreMl,
        ExecutionProvider.OpenVino(),
        ExecutionProvider.WebGpu,
    ];
}
