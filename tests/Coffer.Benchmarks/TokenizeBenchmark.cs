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

    public static async Task RunAsync(Workplace workplace, Scale scale)
    {
        if (Repository.Shared("tokenizers/sentencepiece/botchan.txt", "tokenize") is not { } text
            || Repository.Shared("tokenizers/bert-base-uncased/tokenizer.json", "tokenize") is not { } bert
            || Repository.Shared("tokenizers/gpt2/vocab.json", "tokenize") is not { } vocab)
        {
            return;
        }

        if (!Directory.Exists(Path.Combine(Repository.Peers, "node_modules")))
        {
            Console.WriteLine("Skipped: tokenize. transformers.js is not installed in tests/peers (npm ci --onnxruntime-node-install=skip).");
            return;
        }

        await CompareAsync("BERT", bert, text);
        await CompareAsync("GPT-2 BPE", WriteGpt2(workplace, vocab), text);
    }

    private static async Task CompareAsync(string title, string json, string text)
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
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{title}, {lines.Length} lines: Coffer {fast:F1} ms, transformers.js {slow:F1} ms, {slow / fast:F1}x (medians of {Rounds})"));
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
