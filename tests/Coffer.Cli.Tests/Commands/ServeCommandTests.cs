using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Coffer.Cli.Tests.Commands;

public sealed class ServeCommandTests(Vendor vendor) : IClassFixture<Vendor>
{
    private const string ServerToken = "tok3n-of-the-callers-0123456789";

    private static string Pixels { get; } = JsonSerializer.Serialize(new { inputs = new { pixel_values = (float[][][][])[[.. Enumerable.Range(0, 3).Select(_ => Enumerable.Range(0, 32).Select(_ => new float[32]).ToArray())]] } });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Serve_LicensedBundle_AnswersUntilItIsStopped()
    {
        await File.WriteAllTextAsync(vendor.File("token"), ServerToken + "\n", Token);
        using var output = new ListeningWriter();
        using var error = new StringWriter();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var running = CofferTool.RunAsync(Serve("--token-file", vendor.File("token"), "--micro-batch", "4", "--json"), new ToolHost(output, error), stop.Token);
        Assert.Same(output.Written, await Task.WhenAny(output.Written, running));
        var rest = new Uri(JsonDocument.Parse(output.ToString()).RootElement.GetProperty("rest").GetString()!);

        var answered = await PostAsync(rest, ServerToken);
        var refused = await PostAsync(rest, "another-token-0123456789");
        await stop.CancelAsync();

        Assert.Equal(ExitCodes.Ok, await running);
        Assert.Equal(HttpStatusCode.OK, answered);
        Assert.Equal(HttpStatusCode.Unauthorized, refused);
        Assert.DoesNotContain(ServerToken, output + error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_Certificate_AnswersOverTls()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        await File.WriteAllTextAsync(vendor.File("server.pem"), certificate.ExportCertificatePem(), Token);
        await File.WriteAllTextAsync(vendor.File("server-key.pem"), key.ExportPkcs8PrivateKeyPem(), Token);
        using var output = new ListeningWriter();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var running = CofferTool.RunAsync(Serve("--anonymous", "--certificate", vendor.File("server.pem"), "--certificate-key", vendor.File("server-key.pem"), "--json"), new ToolHost(output, TextWriter.Null), stop.Token);
        Assert.Same(output.Written, await Task.WhenAny(output.Written, running));
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, shown, _, _) => shown!.Thumbprint == certificate.Thumbprint };
        using var client = new HttpClient(handler);

        var reply = await client.GetStringAsync(new Uri(JsonDocument.Parse(output.ToString()).RootElement.GetProperty("rest").GetString() + "v2/models/digits/ready"), Token);
        await stop.CancelAsync();

        Assert.Equal("""{"name":"digits","ready":true}""", reply);
        Assert.Equal(ExitCodes.Ok, await running);
    }

    [Fact]
    public async Task Serve_Sigterm_EndsWithZero()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no such signal.");
        }

        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Coffer.Cli.dll"), .. Serve("--json")]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["COFFER_SERVER_TOKEN"] = ServerToken;
        using var process = Process.Start(start)!;
        try
        {
            var text = "";
            while (!text.EndsWith('}') && await process.StandardOutput.ReadLineAsync(Token) is { } line)
            {
                text += line;
            }

            Assert.Equal(HttpStatusCode.OK, await PostAsync(new Uri(JsonDocument.Parse(text).RootElement.GetProperty("rest").GetString()!), ServerToken));
            using var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
            await process.WaitForExitAsync(Token);

            Assert.True(process.ExitCode == ExitCodes.Ok, $"{process.ExitCode}: {await process.StandardError.ReadToEndAsync(Token)}");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    [Theory]
    [InlineData("--token-file", "")]
    [InlineData("--anonymous", "")]
    [InlineData("--unencrypted", "--anonymous --address 0.0.0.0")]
    [InlineData("--certificate", "--anonymous --address 0.0.0.0")]
    public async Task Serve_OpenOrClosedToAll_IsUsageAndNamesTheSwitch(string named, string given)
    {
        var run = (await ToolRun.OfAsync(Serve(given.Split(' ', StringSplitOptions.RemoveEmptyEntries)))).FailsWith(ExitCodes.Usage);

        Assert.Contains(named, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--port", "70000")]
    [InlineData("--address", "localhost")]
    [InlineData("--max-body", "0")]
    [InlineData("--token-file", "short")]
    [InlineData("--certificate", "short")]
    public async Task Serve_ValueThatDoesNotFit_IsUsageAndNamesTheOption(string option, string value)
    {
        await File.WriteAllTextAsync(vendor.File("short"), "short\n", Token);

        var run = (await ToolRun.OfAsync(Serve("--anonymous", option, value == "short" ? vendor.File("short") : value))).FailsWith(ExitCodes.Usage);

        Assert.Contains(value == "short" ? "short" : option, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_LicensesForNotEachBundle_IsUsage()
    {
        var run = (await ToolRun.OfAsync(["serve", vendor.Bundle, vendor.Bundle, vendor.Bundle, .. Serve("--anonymous", "--license", vendor.License)[2..]])).FailsWith(ExitCodes.Usage);

        Assert.Contains("3 bundles and 2 licenses", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_OtherTrust_IsRejected()
    {
        (await ToolRun.OfAsync("keys", "init", vendor.File("others"), "--publisher", "others")).Succeeds();

        var run = await ToolRun.OfAsync(["serve", vendor.Bundle, "--trust", vendor.File("others", "trust"), .. Serve("--anonymous")[4..]]);

        Assert.Equal(ExitCodes.BundleRejected, run.ExitCode);
        Assert.Empty(run.Out);
    }

    private string[] Serve(params string[] more) =>
        ["serve", vendor.Bundle, "--trust", vendor.Trust, "--license", vendor.License, "--device", vendor.DeviceKey, .. more.Contains("--port") ? Array.Empty<string>() : ["--port", "0"], "--grpc-port", "0", .. more];

    private static async Task<HttpStatusCode> PostAsync(Uri rest, string token)
    {
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var content = new StringContent(Pixels);
        using var reply = await client.PostAsync(new Uri(rest, "/v1/models/digits:predict"), content, Token);
        return reply.StatusCode;
    }

    /// <summary>Says when a line was written.</summary>
    private sealed class ListeningWriter : StringWriter
    {
        private readonly TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Written => _written.Task;

        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            _written.TrySetResult();
        }
    }
}
