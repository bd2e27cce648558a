namespace Coffer.Remote;

/// <summary>
/// Runs one graph of an endpoint in a protocol's words: sends every input, fills every output. May throw what its libraries throw;
/// <see cref="RemoteGraph"/> gives it the SDK's names.
/// </summary>
internal interface IGraphProtocol
{
    /// <exception cref="InvalidDataException">The reply is not what the protocol says; the message ends a sentence.</exception>
    ValueTask RunAsync(RemoteModelCall call, CancellationToken cancellationToken);
}
