namespace Coffer.Inference;

/// <summary>
/// One use of a graph: write the inputs in place, run, read the outputs in place. May run many times; on fixed shapes a
/// second run allocates nothing. Not thread-safe. Element types are the unmanaged types of <see cref="ElementType"/>, or
/// <see cref="string"/>.
/// </summary>
public interface IModelCall : IDisposable
{
    /// <summary>
    /// The memory of an input, to be written before <see cref="Run"/>. Row-major. The content is unspecified until written.
    /// </summary>
    /// <typeparam name="T">The graph's element type for this input.</typeparam>
    /// <param name="name">The input's name.</param>
    /// <param name="shape">The dimensions; each must agree with the signature where that is fixed.</param>
    /// <returns>As many elements as the shape's product.</returns>
    /// <exception cref="InferenceException">No such input, another element type, or a shape that the signature doesn't allow.</exception>
    Span<T> Input<T>(string name, scoped ReadOnlySpan<long> shape);

    /// <summary>The elements of an output, row-major, valid until the next run or disposal.</summary>
    /// <typeparam name="T">The graph's element type for this output.</typeparam>
    /// <param name="name">The output's name.</param>
    /// <exception cref="InferenceException">No such output, another element type, or nothing has run yet.</exception>
    ReadOnlySpan<T> Output<T>(string name);

    /// <summary>The dimensions of an output after a run, valid until the next run or disposal.</summary>
    /// <param name="name">The output's name.</param>
    /// <exception cref="InferenceException">No such output, or nothing has run yet.</exception>
    ReadOnlySpan<long> OutputShape(string name);

    /// <summary>
    /// Makes an output of the last run an input of the next without a copy: a recurrent state, a key-value cache. It stays
    /// where it was computed.
    /// </summary>
    /// <param name="output">The output's name.</param>
    /// <param name="input">The input that takes it; same element type.</param>
    /// <exception cref="InferenceException">The runner can't (<see cref="RunnerCapabilities.Carry"/>), or a name is unknown.</exception>
    void Carry(string output, string input);

    /// <summary>
    /// Makes an output of the last run an input of another call without a copy through the processor's memory: an encoder's output for
    /// its decoder. It stays where it was computed, if both graphs run on the same device. This call may run again, or be
    /// disposed, before the other has run. Not while one of the two runs on another thread.
    /// </summary>
    /// <param name="output">The output's name.</param>
    /// <param name="target">The call that takes it; of a runner of the same kind.</param>
    /// <param name="input">The input that takes it; same element type.</param>
    /// <exception cref="InferenceException">The runner can't (<see cref="InferenceError.NotCapable"/>), nothing has run yet, or a name is unknown.</exception>
    void Carry(string output, IModelCall target, string input) =>
        throw new InferenceException(InferenceError.NotCapable, $"This runner can't carry output '{output}' into another call: copy it from Output to Input.");

    /// <summary>Runs the graph.</summary>
    /// <param name="cancellationToken">Stops the run; the call can be used again.</param>
    /// <exception cref="InferenceException">An input is missing, or the run failed.</exception>
    /// <exception cref="NotSupportedException">The runner isn't synchronous; use <see cref="RunAsync"/>.</exception>
    void Run(CancellationToken cancellationToken = default);

    /// <summary>Runs the graph without holding the caller's thread.</summary>
    /// <param name="cancellationToken">Stops the run; the call can be used again.</param>
    /// <exception cref="InferenceException">An input is missing, or the run failed.</exception>
    ValueTask RunAsync(CancellationToken cancellationToken = default);
}
