using System.Text.Json.Nodes;
using Coffer.Text;

namespace Coffer.Tests.Text;

/// <summary>Tokenizers that others made.</summary>
internal static class SharedTokenizers
{
    public static Tokenizer Load(string folder)
    {
        var files = new Dictionary<string, ReadOnlyMemory<byte>>();
        foreach (var file in Directory.GetFiles(Repository.Shared("tokenizers", folder)))
        {
            files[Path.GetFileName(file)] = File.ReadAllBytes(file);
        }

        return Tokenizer.FromFiles(files);
    }

    /// <summary>The path of a tokenizer.json; written from vocab.json and merges.txt where the material has only those.</summary>
    public static string Json(string folder)
    {
        var path = Path.Combine(Repository.Shared("tokenizers", folder), "tokenizer.json");
        return File.Exists(path) ? path : WriteByteLevelBpe(folder);
    }

    private static string WriteByteLevelBpe(string folder)
    {
        var vocab = JsonNode.Parse(File.ReadAllBytes(Repository.Shared("tokenizers", folder, "vocab.json")));
        var merges = File.ReadAllLines(Repository.Shared("tokenizers", folder, "merges.txt")).Skip(1).Where(l => l.Length > 0);
        var json = new JsonObject
        {
            ["added_tokens"] = new JsonArray(new JsonObject { ["id"] = 50256, ["content"] = "<|endoftext|>", ["special"] = true, ["normalized"] = false }),
            ["normalizer"] = null,
            ["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false },
            ["post_processor"] = new JsonObject { ["type"] = "ByteLevel" },
            ["decoder"] = new JsonObject { ["type"] = "ByteLevel" },
            ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocab, ["merges"] = new JsonArray([.. merges.Select(m => JsonValue.Create(m))]) },
        };
        var path = Path.Combine(Path.GetTempPath(), $"coffer-{folder}-{Environment.ProcessId}-tokenizer.json");
        File.WriteAllText(path, json.ToJsonString());
        return path;
    }
}
