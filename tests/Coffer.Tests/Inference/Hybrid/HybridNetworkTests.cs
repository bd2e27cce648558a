using System.Diagnostics;
using System.Diagnostics.Tracing;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Vision;

namespace Coffer.Tests.Inference;

/// <summary>What hybrid calls do on the network, seen from the sockets.</summary>
public sealed class HybridNetworkTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Device gone, endpoint at hand, a probe and a factory that would connect: a license for this device alone lets nothing out.
    [Fact]
    public async Task PredictAsync_LicenseForTheDeviceOnly_OpensNoConnection()
    {
        using var vendor = new TestVendor();
        using var model = await vendor.OpenAsync();
        using var server = new LoopbackServer();
        using var sockets = new ConnectListener(server.Port);
        using var client = new HttpClient();
        using var device = new FailingDevice();
        var cloud = new HybridLeg<IPredictor<ImageInput, ImageClassifierOptions, ImageClassification>>(async token =>
        {
            await client.GetStringAsync(server.Uri, token);
            return model.CreateImageClassifier(new RemoteDigits(server.Uri.AbsoluteUri));
        })
        {
            Endpoint = server.Uri,
            Model = model,
            Probe = async token => (await client.GetAsync(server.Uri, token)).IsSuccessStatusCode,
        };

        foreach (var mode in Enum.GetValues<InferenceMode>())
        {
            using var hybrid = new HybridPredictor<ImageInput, ImageClassifierOptions, ImageClassification>(new(device), [cloud], new() { Mode = mode });

            var error = await Assert.ThrowsAnyAsync<CofferException>(() => hybrid.PredictAsync(ImageInput.FromBytes(new byte[1]), cancellationToken: Token));

            if (mode == InferenceMode.OnlyOnDevice)
            {
                Assert.IsType<InferenceException>(error);
            }
            else
            {
                Assert.Equal(LicenseError.TargetNotLicensed, Assert.IsType<LicenseException>(error).Error);
            }
        }

        Assert.Equal((0, 0), (sockets.Connects, server.Connections));

        // And had there been a connection, both would have seen it.
        await client.GetStringAsync(server.Uri, Token);
        Assert.Equal((1, 1), (sockets.Connects, server.Connections));
    }

    [Fact]
    public async Task PredictAsync_OverHttp_CarriesTheTraceOfTheCaller()
    {
        using var activities = new ActivityListener
        {
            ShouldListenTo = source => source.Name is CofferDiagnostics.ActivitySourceName or "HybridNetworkTests",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(activities);
        using var source = new ActivitySource("HybridNetworkTests");
        using var server = new LoopbackServer();
        using var client = new HttpClient();
        using var cloud = new ScriptedPredictor(ExecutionTarget.Remote, async (_, token) => await client.GetStringAsync(server.Uri, token));
        using var hybrid = new HybridPredictor<string, object, string>(null, cloud, new() { Mode = InferenceMode.OnlyInCloud });

        using var caller = source.StartActivity("caller");
        await hybrid.PredictAsync("x", cancellationToken: Token);

        Assert.NotNull(caller);
        Assert.Contains($"traceparent: 00-{caller.TraceId}-", server.LastRequest, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(caller.SpanId.ToString(), server.LastRequest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PredictAsync_ServerGoesAndComesBack_FollowsIt()
    {
        using var client = new HttpClient();
        using var device = new ScriptedPredictor(ExecutionTarget.Local, "device");
        var server = new LoopbackServer();
        var address = server.Uri;
        using var cloud = new ScriptedPredictor(ExecutionTarget.Remote, async (_, token) => await client.GetStringAsync(address, token));
        using var hybrid = new HybridPredictor<string, object, string>(device, cloud, new() { Mode = InferenceMode.PreferInCloud, Retries = 0 });

        Assert.Equal("ok", (await hybrid.PredictAsync("x", cancellationToken: Token)).Value);
        server.Dispose();
        var offline = await hybrid.PredictAsync("x", cancellationToken: Token);
        Assert.Equal(("device", LegOutcome.Unreachable), (offline.Value, offline.Legs[0].Outcome));
        server = new LoopbackServer(address.Port);
        Assert.Equal("ok", (await hybrid.PredictAsync("x", cancellationToken: Token)).Value);
        server.Dispose();
    }

    private sealed class FailingDevice : IPredictor<ImageInput, ImageClassifierOptions, ImageClassification>
    {
        public Task<Prediction<ImageClassification>> PredictAsync(ImageInput input, ImageClassifierOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new InferenceException(InferenceError.ProviderUnavailable, "The device is gone.");

        public Task<IReadOnlyList<Prediction<ImageClassification>>> PredictBatchAsync(
            IReadOnlyList<ImageInput> inputs, ImageClassifierOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }

    /// <summary>Hears from the runtime of every connection that this process begins to a port.</summary>
    private sealed class ConnectListener(int port) : EventListener
    {
        private int _connects;

        public int Connects => _connects;

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name == "System.Net.Sockets")
            {
                EnableEvents(eventSource, EventLevel.Informational);
            }
        }

        // The address in the event is a serialized SocketAddress: family, then {port bytes, address bytes}.
        protected override void OnEventWritten(EventWrittenEventArgs eventData)
        {
            if (eventData.EventName == "ConnectStart" && eventData.Payload?[0]?.ToString() is { } address && address.Contains($"{{{port >> 8},{port & 255},", StringComparison.Ordinal))
            {
                Interlocked.Increment(ref _connects);
            }
        }
    }

    /// <summary>Answers every request with "ok", and counts connections.</summary>
    private sealed class LoopbackServer : IDisposable
    {
        private readonly TcpListener _listener;
        private int _connections;

        public LoopbackServer(int port = 0)
        {
            _listener = new TcpListener(IPAddress.Loopback, port);
            _listener.Start();
            Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
            _ = ServeAsync();
        }

        public int Port { get; }

        public Uri Uri => new($"http://127.0.0.1:{Port}/v2");

        public int Connections => _connections;

        public string LastRequest { get; private set; } = "";

        public void Dispose() => _listener.Stop();

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using var connection = await _listener.AcceptTcpClientAsync(CancellationToken.None);
                    Interlocked.Increment(ref _connections);
                    var stream = connection.GetStream();
                    var request = new StringBuilder();
                    var buffer = new byte[4096];
                    while (!request.ToString().Contains("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(buffer, CancellationToken.None) is > 0 and var read)
                    {
                        request.Append(Encoding.ASCII.GetString(buffer, 0, read));
                    }

                    LastRequest = request.ToString();
                    await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"u8.ToArray(), CancellationToken.None);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                // Stopped.
            }
        }
    }
}
