using System.Net;

namespace Coffer.Remote;

/// <summary>A request's body in pieces of memory that stay where they are; its length is known before it is sent.</summary>
internal sealed class MemoryContent(IReadOnlyList<ReadOnlyMemory<byte>> pieces) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        foreach (var piece in pieces)
        {
            await stream.WriteAsync(piece, cancellationToken).ConfigureAwait(false);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = pieces.Sum(piece => (long)piece.Length);
        return true;
    }
}
