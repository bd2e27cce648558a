namespace Coffer.Inference;

/// <summary>
/// Runs the named graphs of one model for predictors that prepare tensors themselves. A predictor never knows where a
/// runner runs: in process, or on a server that speaks a tensor protocol. Thread-safe; each rented call is used by one
/// thread at a time. Whoever created the runner disposes it.
/// </summary>
public interface IModelRunner : IDisposable
{
    /// <summary>What a graph takes and gives, and what the runner can do with it.</summary>
    /// <param name="graph">The graph's name, for example <c>model</c>, <c>encoder_model</c>.</param>
    /// <exception cref="InferenceException">There is no such graph (<see cref="InferenceError.UnknownGraph"/>).</exception>
    ModelSignature Describe(string graph);

    /// <summary>
    /// Rents a call: the tensors of one run, owned by the call, reused from earlier calls where the shapes agree. Dispose
    /// it to hand them back.
    /// </summary>
    /// <param name="graph">The graph's name.</param>
    /// <exception cref="InferenceException">There is no such graph (<see cref="InferenceError.UnknownGraph"/>).</exception>
    IModelCall Rent(string graph);
}
