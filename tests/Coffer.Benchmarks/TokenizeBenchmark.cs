using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Coffer.Text;

namespace Coffer.Benchmarks;

/// <summary>The lines of botchan.txt into BERT's and GPT-2's tokens, against transformers.js, which times itself in its own process; rounds take turns.</summary>
internal static class TokenizeBenchmark
{
    private const int WarmUps = 3;
    private const int Rounds = 9;
    private const string Peer = "transformers.js";

    private static readonly (string What, double Times)[] Bars = [("tokenize botchan.txt, BERT", 2), ("tokenize botchan.txt, GPT-2 BPE", 3)];

    public static async Task<IReadOnlyList<Bar>> RunAsync(Workplace workplace, Scale scale)
    {
        if (Repository.Shared("tokenizers/sentencepiece/botchan.txt", "tokenize") is not { } text
            || Repository.Shared("tokenizers/bert-base-uncased/tokenizer.json", "tokenize") is not { } bert
            || Repository.Shared("tokenizers/gpt2/vocab.json", "tokenize") is not { } vocab)
        {
            return [.. Bars.Select(bar => Bar.NotMeasured(bar.What, Peer, Bound(bar.Times), "the tokenizers are not here"))];
        }

        if (!Directory.Exists(Path.Combine(Repository.Peers, "node_modules")))
        {
            return [.. Bars.Select(bar => Bar.NotMeasured(bar.What, Peer, Bound(bar.Times), "transformers.js is not installed in tests/peers (npm ci --onnxruntime-node-install=skip)"))];
        }

        return
        [
            await CompareAsync(Bars[0], bert, text),
            await CompareAsync(Bars[1], WriteGpt2(workplace, vocab), text),
        ];
    }

    private static async Task<Bar> CompareAsync((string What, double Times) bar, string json, string text)
    {
        var tokenizer = Tokenizer.FromHuggingFace(await File.ReadAllBytesAsync(json));
        var lines = (await File.ReadAllTextAsync(text)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        using var peer = Process.Start(new ProcessStartInfo("node", ["tokenize.mjs", json, "bench", text]) { WorkingDirectory = Repository.Peers, RedirectStandardInput = true, RedirectStandardOutput = true })!;
        var (ours, theirs) = (new List<double>(), new List<double>());
        for (var round = 0; round < WarmUps + Rounds; round++)
        {
            await peer.StandardInput.WriteLineAsync();
            await peer.StandardInput.FlushAsync();
            var their = double.Parse((await peer.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
            var our = Time(tokenizer, lines);
            if (round >= WarmUps)
            {
                theirs.Add(their);
                ours.Add(our);
            }
        }

        peer.StandardInput.Close();
        var (fast, slow) = (Median(ours), Median(theirs));
        return Bar.AtLeast(bar.What, Peer, Shown(slow), Shown(fast), slow / fast, bar.Times);
    }

    private static double Time(Tokenizer tokenizer, string[] lines)
    {
        var started = Stopwatch.GetTimestamp();
        foreach (var line in lines)
        {
            _ = tokenizer.Encode(line);
        }

        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private static string Shown(double milliseconds) => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:F1} ms");

    private static string Bound(double times) => string.Create(CultureInfo.InvariantCulture, $">= {times:F0}x");

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static string WriteGpt2(Workplace workplace, string vocab)
    {
        var merges = File.ReadAllLines(Path.Combine(Path.GetDirectoryName(vocab)!, "merges.txt")).Skip(1).Where(l => l.Length > 0);
        var json = new JsonObject
        {
            ["added_tokens"] = new JsonArray(),
            ["normalizer"] = null,
            ["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false },
            ["post_processor"] = null,
            ["decoder"] = new JsonObject { ["type"] = "ByteLevel" },
            ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = JsonNode.Parse(File.ReadAllBytes(vocab)), ["merges"] = new JsonArray([.. merges.Select(m => JsonValue.Create(m))]) },
        };
        var path = workplace.File("gpt2-tokenizer.json");
        File.WriteAllText(path, json.ToJsonString());
        return path;
    }
}
