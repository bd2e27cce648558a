using System.Text.Json;
using Coffer.Text;

namespace Coffer.Tests.Text;

/// <summary>Every case of the reference vectors: tokens, numbers and decoded text.</summary>
public sealed class ReferenceVectorTests
{
    [Theory]
    [InlineData("bert-base-uncased")]
    [InlineData("gpt2")]
    [InlineData("t5-small")]
    public void Encode_ReferenceVectors_Equal(string folder)
    {
        var tokenizer = SharedTokenizers.Load(folder);
        using var document = JsonDocument.Parse(File.ReadAllBytes(Repository.Shared("tokenizers", folder, "expected.json")));
        var failures = new List<string>();
        var cases = 0;
        foreach (var model in document.RootElement.EnumerateObject())
        {
            foreach (var item in model.Value.EnumerateArray())
            {
                cases++;
                var name = $"{model.Name} {item.GetProperty("name").GetString()}";
                var text = item.GetProperty("text").GetString()!;
                var pair = item.TryGetProperty("text_pair", out var second) ? second.GetString() : null;
                var encoding = pair is null ? tokenizer.Encode(text) : tokenizer.EncodePair(text, pair);
                var options = new EncodeOptions { AddSpecialTokens = false };
                var plain = pair is null ? tokenizer.Encode(text, options) : tokenizer.EncodePair(text, pair, options);
                Compare(name + " ids", string.Join(' ', item.GetProperty("ids").EnumerateArray()), string.Join(' ', encoding.Ids.ToArray()));
                Compare(name + " tokens", string.Join('|', item.GetProperty("tokens").EnumerateArray().Select(t => t.GetString())), string.Join('|', plain.Tokens));
                Compare(name + " decoded", item.GetProperty("decoded").GetString()!, tokenizer.Decode(encoding.Ids.Span));
            }
        }

        Assert.True(failures.Count == 0, string.Join('\n', failures));
        Assert.InRange(cases, 26, int.MaxValue);

        void Compare(string name, string expected, string actual)
        {
            if (expected != actual)
            {
                failures.Add($"{name}\n  expected {expected}\n  actual   {actual}");
            }
        }
    }
}
