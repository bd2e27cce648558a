using Coffer.Text;

namespace Coffer.Tests.Text;

/// <summary>Texts of a megabyte that are all one thing: what takes more than linear time on them does not end.</summary>
public sealed class LargeTextTests
{
    private const int Megabyte = 1 << 20;

    private static readonly string[] Units = ["a", " ", "e\u0301", "\u0301\u0323", "가", "😀", "\uD800", "Σ:", " [MASK]", "<|endoftext|", "'", "▁"];

    [Theory]
    [InlineData("bert-base-uncased")]
    [InlineData("gpt2")]
    [InlineData("t5-small")]
    [InlineData("sentencepiece")]
    public void Encode_MegabyteOfOneUnit_Ends(string folder) => EncodeAll(SharedTokenizers.Load(folder));

    [Theory]
    [InlineData(nameof(KnownPatterns.Gpt4o))]
    [InlineData(nameof(KnownPatterns.Llama3))]
    public void Encode_MegabyteThroughPattern_Ends(string name) => EncodeAll(Tokenizer.FromHuggingFace(SharedTokenizers.JsonWithPattern(KnownPatterns.Find(name))));

    private static void EncodeAll(Tokenizer tokenizer)
    {
        foreach (var unit in Units)
        {
            var text = string.Concat(Enumerable.Repeat(unit, Megabyte / unit.Length));

            // Bytes, and what stands around.
            Assert.InRange(tokenizer.CountTokens(text), 0, (3 * text.Length) + 2);
        }
    }
}
