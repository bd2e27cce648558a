using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace LicensedDistribution;

/// <summary>A web server for one small file, on a free port of this machine: in the place of the vendor's.</summary>
internal sealed class StatusServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, port: 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    public StatusServer()
    {
        _listener.Start();
        Uri = $"http://{_listener.LocalEndpoint}/acme.status";
        _serving = ServeAsync();
    }

    public string Uri { get; }

    /// <summary>The file. It is replaced as a whole.</summary>
    public string Content { get; set; } = "";

    /// <summary>How often the file was sent.</summary>
    public int Sent { get; private set; }

    /// <summary>How often it was not, because the other side had it.</summary>
    public int NotModified { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var connection = await _listener.AcceptTcpClientAsync(_stop.Token);
                await AnswerAsync(connection.GetStream());
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        var content = Content;
        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(content)).AsSpan(0, 8))}\"";
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        var isKnown = false;
        while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 } line)
        {
            isKnown |= line.StartsWith("If-None-Match:", StringComparison.OrdinalIgnoreCase) && line.Contains(tag, StringComparison.Ordinal);
        }

        (Sent, NotModified) = isKnown ? (Sent, NotModified + 1) : (Sent + 1, NotModified);
        var head = $"HTTP/1.1 {(isKnown ? "304 Not Modified" : "200 OK")}\r\nETag: {tag}\r\nConnection: close\r\n";
        var answer = isKnown ? $"{head}\r\n" : $"{head}Content-Type: application/statuslist+jwt\r\nContent-Length: {content.Length}\r\n\r\n{content}";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), _stop.Token);
    }
}
