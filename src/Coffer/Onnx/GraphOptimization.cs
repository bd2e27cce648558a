namespace Coffer.Onnx;

/// <summary>How far ONNX Runtime rewrites a graph when a session is made.</summary>
public enum GraphOptimization
{
    /// <summary>
    /// <see cref="All"/> for models with less than 64 MiB of weights, <see cref="Extended"/> above: laying convolutions out
    /// anew makes small vision models up to 1.4 times faster, but copies their weights, up to 3.2 times a model's size.
    /// On the processor, a graph that was packed with its nodes fused is not rewritten, unless it is smaller than that and has convolutions to lay out.
    /// </summary>
    Auto,

    /// <summary>None: for finding out whether an optimisation changes a result.</summary>
    None,

    /// <summary>Constant folding, and removal of what does nothing.</summary>
    Basic,

    /// <summary>Fusions of nodes as well.</summary>
    Extended,

    /// <summary>Changes of memory layout as well.</summary>
    All,
}
