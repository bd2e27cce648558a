namespace Coffer.Onnx;

/// <summary>A named graph that is decrypted when it is first needed.</summary>
/// <param name="Name">The graph's name, for example <c>model</c>.</param>
/// <param name="Open">Brings it into memory; each call makes a new one.</param>
internal sealed record OnnxGraphSource(string Name, Func<GraphLoad, OnnxGraph> Open)
{
    /// <summary>Which model it is of, so that a <see cref="SessionPool"/> can tell; null if it shares nothing.</summary>
    public SharedIdentity? Identity { get; init; }
}
