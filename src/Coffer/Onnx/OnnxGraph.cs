namespace Coffer.Onnx;

/// <summary>One named graph of a model, in native memory, before a session is made of it.</summary>
/// <param name="Name">The graph's name, for example <c>model</c>.</param>
/// <param name="Pointer">The first byte of the ONNX protobuf. ONNX Runtime gets verified bytes only: a malformed graph can end the process.</param>
/// <param name="Length">The protobuf's length in bytes.</param>
/// <param name="Weights">The bytes behind its external-data locations.</param>
/// <param name="Owner">Owns that memory. Disposed once nothing needs it: after loading when the weights were copied, else with the session.</param>
internal sealed record OnnxGraph(string Name, nint Pointer, long Length, IReadOnlyList<ExternalWeights> Weights, IDisposable Owner)
{
    /// <summary>How far the packer rewrote it.</summary>
    public GraphOptimization Optimization { get; init; } = GraphOptimization.None;

    /// <summary>Whether an optimised graph can gain by another memory layout.</summary>
    public bool HasConvolutions { get; init; }

    /// <summary>By input name, a shape that the graph is known to take; empty if none is known.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<long>> Shapes { get; init; } = new Dictionary<string, IReadOnlyList<long>>();

    /// <summary>Decides what <see cref="GraphOptimization.Auto"/> and <see cref="WeightLoading.Auto"/> mean.</summary>
    public bool IsLarge => Size >= 64 << 20;

    /// <summary>Whether keeping the weights beside what ONNX Runtime makes of them costs less than copying them first: below 8 MiB.</summary>
    public bool IsSmall => Size < 8 << 20;

    private long Size => Length + Weights.Sum(weights => weights.Length);
}
