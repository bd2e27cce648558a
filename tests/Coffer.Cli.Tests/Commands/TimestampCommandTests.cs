using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Coffer.Cli.Tests.Commands;

public sealed class TimestampCommandTests(Vendor vendor) : IClassFixture<Vendor>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Timestamp_Authority_ConfirmsAndTheTrustedRootVerifies()
    {
        using var folder = new TemporaryFolder();
        var authority = await TestTimestampAuthority.CreateAsync(folder);
        var (bundle, trust) = (Copy(folder), folder.File("trust"));
        Directory.CreateDirectory(Path.Combine(trust, "acme", "timestamp"));
        File.Copy(Path.Combine(vendor.Trust, "acme", "root.crt"), Path.Combine(trust, "acme", "root.crt"));
        using var server = new LoopbackServer(async request => (200, await authority.RespondAsync(request, Token)));

        var run = (await ToolRun.OfAsync("timestamp", bundle, "--url", server.Url)).Succeeds();

        Assert.Contains("127.0.0.1", run.Out, StringComparison.Ordinal);
        (await ToolRun.OfAsync("verify", bundle, "--trust", trust)).FailsWith(ExitCodes.BundleRejected);
        await File.WriteAllTextAsync(Path.Combine(trust, "acme", "timestamp", "root.crt"), authority.Root.ExportCertificatePem(), Token);
        (await ToolRun.OfAsync("verify", bundle, "--trust", trust)).Succeeds();
    }

    [Fact]
    public async Task Timestamp_AuthorityThatRefuses_IsARemoteFailureAndLeavesTheBundle()
    {
        using var folder = new TemporaryFolder();
        var bundle = Copy(folder);
        var before = await File.ReadAllBytesAsync(bundle, Token);
        using var server = new LoopbackServer(_ => Task.FromResult((503, Array.Empty<byte>())));

        (await ToolRun.OfAsync("timestamp", bundle, "--url", server.Url)).FailsWith(ExitCodes.Remote);

        Assert.Equal(before, await File.ReadAllBytesAsync(bundle, Token));
    }

    [Theory]
    [InlineData("nowhere")]
    [InlineData("file:///etc/passwd")]
    public async Task Timestamp_NotAnAddress_IsAUsageError(string url) =>
        (await ToolRun.OfAsync("timestamp", vendor.Bundle, "--url", url)).FailsWith(ExitCodes.Usage);

    private string Copy(TemporaryFolder folder)
    {
        File.Copy(vendor.Bundle, folder.File("digits.coffer"));
        return folder.File("digits.coffer");
    }

    /// <summary>Answers one POST on a free loopback port.</summary>
    private sealed class LoopbackServer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public LoopbackServer(Func<byte[], Task<(int Status, byte[] Body)>> respond)
        {
            _listener.Start();
            Url = $"http://{_listener.LocalEndpoint}/";
            _ = AnswerAsync(respond);
        }

        public string Url { get; }

        public void Dispose() => _listener.Dispose();

        private async Task AnswerAsync(Func<byte[], Task<(int Status, byte[] Body)>> respond)
        {
            using var connection = await _listener.AcceptTcpClientAsync(Token);
            var stream = connection.GetStream();
            var (status, body) = await respond(await ReadBodyAsync(stream));
            var head = $"HTTP/1.1 {status} Answer\r\nContent-Type: application/timestamp-reply\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n";
            await stream.WriteAsync(Encoding.ASCII.GetBytes(head), Token);
            await stream.WriteAsync(body, Token);
        }

        private static async Task<byte[]> ReadBodyAsync(NetworkStream stream)
        {
            var received = new List<byte>();
            var buffer = new byte[4096];
            while (true)
            {
                received.AddRange(buffer.AsSpan(0, await stream.ReadAsync(buffer, Token)));
                var text = Encoding.Latin1.GetString([.. received]);
                var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
                if (end >= 0)
                {
                    var length = int.Parse(text.Split("Content-Length: ")[1].Split("\r\n")[0], System.Globalization.CultureInfo.InvariantCulture);
                    if (received.Count >= end + 4 + length)
                    {
                        return [.. received.GetRange(end + 4, length)];
                    }
                }
            }
        }
    }
}
