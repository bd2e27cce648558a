using System.Text.Json;
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

    /// <summary>The bytes of a tokenizer.json; composed from vocab.json and merges.txt where the material has only those.</summary>
    public static byte[] Json(string folder)
    {
        var path = Path.Combine(Repository.Shared("tokenizers", folder), "tokenizer.json");
        return File.Exists(path) ? File.ReadAllBytes(path) : ByteLevelBpe(folder, new() { ["type"] = "ByteLevel", ["add_prefix_space"] = false });
    }

    /// <summary>GPT-2's vocabulary behind another pattern, composed as Llama-3's file is.</summary>
    public static byte[] JsonWithPattern(string pattern, string behavior = "Isolated") => ByteLevelBpe("gpt2", new()
    {
        ["type"] = "Sequence",
        ["pretokenizers"] = new JsonArray(
            new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = pattern }, ["behavior"] = behavior, ["invert"] = false },
            new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = false }),
    });

    private static byte[] ByteLevelBpe(string folder, JsonObject preTokenizer)
    {
        var vocab = JsonNode.Parse(File.ReadAllBytes(Repository.Shared("tokenizers", folder, "vocab.json")));
        var merges = File.ReadAllLines(Repository.Shared("tokenizers", folder, "merges.txt")).Skip(1).Where(l => l.Length > 0);
        var json = new JsonObject
        {
            ["added_tokens"] = new JsonArray(new JsonObject { ["id"] = 50256, ["content"] = "<|endoftext|>", ["special"] = true, ["normalized"] = false }),
            ["normalizer"] = null,
            ["pre_tokenizer"] = preTokenizer,
            ["post_processor"] = new JsonObject { ["type"] = "ByteLevel" },
            ["decoder"] = new JsonObject { ["type"] = "ByteLevel" },
            ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocab, ["merges"] = new JsonArray([.. merges.Select(m => JsonValue.Create(m))]) },
        };
        return JsonSerializer.SerializeToUtf8Bytes(json);
    }
}
