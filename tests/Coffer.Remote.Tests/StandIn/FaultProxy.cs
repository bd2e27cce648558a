using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Coffer.Remote.Tests.StandIn;

/// <summary>What happens to a piece of what a client sends.</summary>
internal enum ProxyFault
{
    /// <summary>It passes.</summary>
    None,

    /// <summary>The connection is reset before it.</summary>
    Refuse,

    /// <summary>Half of it passes, then the connection is reset.</summary>
    CutRequest,

    /// <summary>It passes, then the connection is reset: the reply is lost.</summary>
    CutReply,

    /// <summary>It waits for <see cref="FaultProxy.Release"/>.</summary>
    Hold,
}

/// <summary>A bad network in front of a server: TCP on loopback, at one address while the server behind comes and goes.</summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Task, bool> _serving = new();
    private readonly Task _accepting;
    private int _faults;
    private int _open;

    public FaultProxy(Uri? target)
    {
        Target = target;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(512);
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}");
        _accepting = AcceptAsync();
    }

    public Uri Address { get; }

    /// <summary>The server behind; null for none, as while it restarts: connections are reset.</summary>
    public Uri? Target { get; set; }

    /// <summary>Draws for each piece.</summary>
    public Func<ProxyFault> Draw { get; set; } = () => ProxyFault.None;

    /// <summary>A piece waits.</summary>
    public TaskCompletionSource Held { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Lets the waiting pass.</summary>
    public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Faults => Volatile.Read(ref _faults);

    /// <summary>Connections of clients that are not closed.</summary>
    public int Open => Volatile.Read(ref _open);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_serving.Keys);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket client;
            try
            {
                client = await _listener.AcceptAsync(_stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }

            Interlocked.Increment(ref _open);
            var serving = ServeAsync(client);
            _serving[serving] = true;
            _ = serving.ContinueWith(done => _serving.TryRemove(done, out _), TaskScheduler.Default);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        try
        {
            using (client)
            {
                // Closing is a reset: nothing that is under way arrives.
                client.LingerState = new LingerOption(enable: true, 0);
                client.NoDelay = true;
                if (Target is not { } target)
                {
                    return;
                }

                using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await server.ConnectAsync(IPAddress.Loopback, target.Port, _stop.Token);
                var request = PassAsync(client, server, drawn: true);
                var reply = PassAsync(server, client, drawn: false);
                await Task.WhenAny(request, reply);
                server.Close();
                client.Close();
                await Task.WhenAll(request, reply);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The other side went: so does this one.
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private async Task PassAsync(Socket from, Socket to, bool drawn)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReceiveAsync(buffer, _stop.Token) is > 0 and var count)
        {
            var fault = drawn ? Draw() : ProxyFault.None;
            _ = fault == ProxyFault.None ? 0 : Interlocked.Increment(ref _faults);
            switch (fault)
            {
                case ProxyFault.Refuse:
                    return;
                case ProxyFault.CutRequest:
                    await SendAsync(to, buffer.AsMemory(0, count / 2));
                    return;
                case ProxyFault.CutReply:
                    await SendAsync(to, buffer.AsMemory(0, count));
                    return;
                case ProxyFault.Hold:
                    Held.TrySetResult();
                    await Release.Task.WaitAsync(_stop.Token);
                    break;
                default:
                    break;
            }

            await SendAsync(to, buffer.AsMemory(0, count));
        }
    }

    private async Task SendAsync(Socket to, ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await to.SendAsync(bytes, _stop.Token)..];
        }
    }
}
