using System.Net.Sockets;

namespace Hybrid;

/// <summary>The way to the endpoint: connections fail as they do without a network while it is down.</summary>
internal sealed class Network : IDisposable
{
    private readonly HttpClient _client;

    public Network()
    {
        var handler = new SocketsHttpHandler
        {
            PooledConnectionLifetime = TimeSpan.Zero,
            ConnectCallback = async (context, cancellationToken) =>
            {
                if (!IsUp)
                {
                    throw new SocketException((int)SocketError.NetworkUnreachable);
                }

                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        _client = new HttpClient(handler);
    }

    public bool IsUp { get; set; } = true;

    public Task<HttpResponseMessage> PostAsync(Uri uri, HttpContent content, CancellationToken cancellationToken) => _client.PostAsync(uri, content, cancellationToken);

    public void Dispose() => _client.Dispose();
}
