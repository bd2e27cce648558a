namespace Coffer.Onnx;

/// <summary>
/// Settings of the CoreML provider. It can keep compiled models in a folder, which Coffer refuses. CoreML itself loads models from
/// files only: while a session is made, ONNX Runtime writes the nodes that go to CoreML, weights included, to the user's temporary
/// folder. Where that must not be, don't choose this provider. Immutable; edit with <c>with</c>.
/// </summary>
public sealed record CoreMlOptions
{
    /// <summary>What CoreML may use. Default: all.</summary>
    public CoreMlComputeUnits ComputeUnits { get; init; }

    /// <summary>Whether nodes become an ML Program (macOS 12, iOS 15 and later), which has more operators and half precision, rather than
    /// a neural network. Default false.</summary>
    public bool MlProgram { get; init; }

    /// <summary>Whether only nodes of fixed shape go to CoreML, as it is slow with others. Default false.</summary>
    public bool RequireStaticShapes { get; init; }

    /// <summary>Further settings under ONNX Runtime's own names. Default: none. A name that this record covers is refused, and so
    /// is every name by which the provider would read or write a file: a cache of compiled engines holds the weights in plain.</summary>
    public IReadOnlyDictionary<string, string> Additional { get; init; } = ProviderSettings.None;

    internal IReadOnlyList<KeyValuePair<string, string>> ToSettings()
    {
        return new ProviderSettings("CoreML")
            .Add("MLComputeUnits", ComputeUnits switch
            {
                CoreMlComputeUnits.All => null,
                CoreMlComputeUnits.CpuAndNeuralEngine => "CPUAndNeuralEngine",
                CoreMlComputeUnits.CpuAndGpu => "CPUAndGPU",
                CoreMlComputeUnits.CpuOnly => "CPUOnly",
                _ => throw new ArgumentOutOfRangeException(nameof(ComputeUnits)),
            })
            .AddUnless("ModelFormat", MlProgram ? "MLProgram" : "NeuralNetwork", "NeuralNetwork")
            .AddUnless(false, "RequireStaticInputShapes", RequireStaticShapes)
            .Finish(Additional);
    }
}
