namespace Coffer.Inference;

/// <summary>
/// A runner whose graphs run on an endpoint. Its calls have no synchronous <see cref="IModelCall.Run"/> and no
/// <see cref="IModelCall.Carry(string, string)"/>, and fail with <see cref="RemoteException"/> where the endpoint or the way to it did.
/// </summary>
public interface IRemoteModelRunner : IModelRunner
{
    /// <summary>Where inputs go: scheme, host, port and path, without credentials and query.</summary>
    Uri Endpoint { get; }

    /// <summary>
    /// Asks the endpoint whether it would run this runner's models now. True where the protocol has no such question.
    /// </summary>
    /// <param name="cancellationToken">Ends the question.</param>
    /// <returns>False where it says no, and where it can't be reached: an answer, not an exception.</returns>
    ValueTask<bool> IsReadyAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult(true);
}
