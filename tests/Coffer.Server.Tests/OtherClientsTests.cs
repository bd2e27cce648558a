using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace Coffer.Server.Tests;

/// <summary>Clients that nobody here made: gRPC for Node.js with definitions read at run time, and curl.</summary>
public sealed class OtherClientsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string OwnDefinitions { get; } = Repository.File("src", "Coffer.Remote", "OpenInference", "open_inference.proto");

    // Our own definitions: the official ones come from the network. COFFER_OIP_PROTO names a copy of them, to be taken instead.
    [Fact]
    public async Task NodeGrpc_RawAndTypedContents_AnswersAsTheProtocolSays()
    {
        var definitions = Environment.GetEnvironmentVariable("COFFER_OIP_PROTO") is { Length: > 0 } official ? official : OwnDefinitions;
        TestContext.Current.SendDiagnosticMessage("definitions: {0}", definitions);
        var peers = Repository.File("tests", "peers");
        if (!Directory.Exists(Path.Combine(peers, "node_modules", "@grpc", "grpc-js")))
        {
            Repository.Require("gRPC for Node.js is not installed in tests/peers (npm ci --onnxruntime-node-install=skip)");
        }

        await using var server = await TestServer.WithModelsAsync();

        var reply = JsonDocument.Parse(await RunAsync("node", peers, "serve.mjs", definitions, server.Grpc.Authority, TestServer.Token, "affine")).RootElement;

        Assert.True(reply.GetProperty("live").GetBoolean());
        Assert.True(reply.GetProperty("ready").GetBoolean());
        Assert.Equal("""[{"name":"x","datatype":"FP32","shape":[-1,2]},{"name":"offset","datatype":"FP32","shape":[2]}]""", reply.GetProperty("inputs").GetRawText());
        Assert.Equal(
            """{"id":"raw","version":"1.2.0","outputs":[{"name":"y","datatype":"FP32","shape":[2,2]},{"name":"count","datatype":"INT64","shape":[2]}],"y":[12,24,16,28]}""",
            reply.GetProperty("raw").GetRawText());
        Assert.Equal("""{"id":"typed","version":"1.2.0","outputs":[{"name":"y","datatype":"FP32","shape":[1,2]}],"y":[12,24]}""", reply.GetProperty("typed").GetRawText());
        Assert.Equal(3, reply.GetProperty("wrong").GetProperty("code").GetInt32());
        Assert.Equal(5, reply.GetProperty("unknown").GetProperty("code").GetInt32());
        Assert.Equal(16, reply.GetProperty("stranger").GetProperty("code").GetInt32());
    }

    [Fact]
    public async Task Curl_RestOfBothProtocols_AnswersWithTheTokenAlone()
    {
        await using var server = await TestServer.WithModelsAsync();
        const string body = """{"inputs": {"x": [[1, 2]], "offset": [10, 20]}}""";
        string[] token = ["-H", $"Authorization: Bearer {TestServer.Token}"];

        var predicted = await CurlAsync([.. token, "-d", body, new Uri(server.Rest, "/v1/models/affine:predict").ToString()]);
        var health = await CurlAsync([new Uri(server.Rest, "/v2/health/ready").ToString()]);
        var refused = await CurlAsync(["-d", body, "-w", "%{http_code}", "-o", "/dev/null", new Uri(server.Rest, "/v1/models/affine:predict").ToString()]);
        var chunked = await CurlAsync([.. token, "-H", "Transfer-Encoding: chunked", "-d", body, new Uri(server.Rest, "/v1/models/affine:predict").ToString()]);

        Assert.Equal("""{"outputs":{"y":[[12,24]],"count":[1,2]}}""", predicted);
        Assert.Equal(predicted, chunked);
        Assert.Equal("""{"ready":true}""", health);
        Assert.Equal("401", refused);
    }

    private static Task<string> CurlAsync(params string[] arguments) => RunAsync("curl", Repository.Root, ["-s", "--noproxy", "*", "--max-time", "30", .. arguments]);

    private static async Task<string> RunAsync(string program, string folder, params string[] arguments)
    {
        Process? process = null;
        try
        {
            process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true });
        }
        catch (Win32Exception)
        {
            Repository.Require($"'{program}' is not installed");
        }

        using (process)
        {
            var text = await process!.StandardOutput.ReadToEndAsync(Token);
            await process.WaitForExitAsync(Token);
            Assert.Equal(0, process.ExitCode);
            return text.Trim();
        }
    }
}
