using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Coffer.Tests.Text;

/// <summary>transformers.js on the encoders of tests/architectures: one process, asked line by line.</summary>
public sealed class EncoderPeer : IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private Process? _process;

    internal static string Models { get; } = Repository.File("tests", "architectures", "encoders");

    /// <summary>The outputs of the graph, flat, by name.</summary>
    internal static float[] Outputs(JsonElement answer, string name) => [.. answer.GetProperty("outputs").GetProperty(name).EnumerateArray().Select(number => number.GetSingle())];

    /// <summary>Asks for one input; skips the test where the peer isn't installed.</summary>
    internal async Task<JsonElement> AskAsync(string model, string task, string text, string? pair = null, Action<JsonObject>? more = null)
    {
        var question = new JsonObject { ["model"] = model, ["task"] = task, ["text"] = text, ["pair"] = pair };
        more?.Invoke(question);
        await _turn.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            _process ??= Start();
            await _process.StandardInput.WriteLineAsync(question.ToJsonString());
            await _process.StandardInput.FlushAsync();
            var answer = await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            Assert.True(answer is not null, "transformers.js ended without an answer.");
            using var document = JsonDocument.Parse(answer!);
            return document.RootElement.Clone();
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.StandardInput.Close();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        _turn.Dispose();
    }

    private static Process Start()
    {
        var peers = Repository.File("tests", "peers");
        if (!Directory.Exists(Path.Combine(peers, "node_modules", "@huggingface", "transformers")))
        {
            Repository.Require("transformers.js is not installed in tests/peers (npm ci --onnxruntime-node-install=skip)");
        }

        try
        {
            return Process.Start(new ProcessStartInfo("node", ["encoders.mjs", Models]) { WorkingDirectory = peers, RedirectStandardInput = true, RedirectStandardOutput = true })!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Repository.Require("Node.js is not installed");
            throw;
        }
    }
}
