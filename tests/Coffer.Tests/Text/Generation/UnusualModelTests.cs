using Coffer.Inference;
using Coffer.Tests.Onnx;
using Coffer.Text;

namespace Coffer.Tests.Text;

/// <summary>Other element types, no cache, and models that are damaged or don't fit their files.</summary>
public sealed class UnusualModelTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // The same sums over a cache of half precision as over one whole run.
    [Theory]
    [InlineData(TinyModel.FloatType, 1)]
    [InlineData(TinyLanguageModel.Float16Type, 1)]
    [InlineData(TinyModel.FloatType, 3)]
    [InlineData(TinyLanguageModel.Float16Type, 3)]
    public void Predict_EachElementType_GoesOnAsAnewRunDoes(int type, int beams)
    {
        using var model = new TinyLanguageModel(type);
        var options = new TextGeneratorOptions { MaxNewTokens = 10, Beams = beams, EndOfSequence = [] };
        var all = model.Generator.Predict("Hi", options, Token).Value.Tokens.ToArray();

        // A greedy text goes on where a run from its middle does.
        if (beams == 1)
        {
            int[] middle = [.. model.Generator.Tokenizer.Encode("Hi").Ids.Span, .. all[..5]];
            Assert.Equal(all[5..], model.Generator.Predict(TextPrompt.FromTokens(middle), options with { MaxNewTokens = 5 }, Token).Value.Tokens.ToArray());
        }

        Assert.Equal(10, all.Length);
    }

    [Fact]
    public void Predict_GraphWithoutACache_RunsTheWholeTextEachTime()
    {
        using var model = new TinyLanguageModel(cached: false);

        var greedy = model.Generator.Predict("Hi", new() { MaxNewTokens = 8 }, Token).Value;
        var beams = model.Generator.Predict("Hi", new() { MaxNewTokens = 8, Beams = 3, Sequences = 3 }, Token).Value;
        using var session = model.Generator.StartSession();
        _ = session.Predict("Hi", new() { MaxNewTokens = 8 }, Token);

        // Each token depends on the one before alone: the table's row.
        Assert.Equal(model.Generator.Predict(TextPrompt.FromTokens(greedy.Tokens[..1]), new() { MaxNewTokens = 7 }, Token).Value.Tokens.ToArray(), greedy.Tokens.ToArray()[1..]);
        Assert.Equal(3, beams.Sequences.Count);
        Assert.Equal(greedy.Tokens.ToArray(), session.Predict("Hi", new() { MaxNewTokens = 8 }, Token).Value.Tokens.ToArray());
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void Predict_ScoreThatIsNoNumber_FailsByKindAndTheNextCallWorks(int beams, bool samples)
    {
        const int Poison = 100;
        using var model = new TinyLanguageModel(poison: Poison);
        var options = new TextGeneratorOptions { MaxNewTokens = 3, Beams = beams, Sample = samples, Seed = 1, SuppressTokens = [Poison] };

        var failure = Assert.Throws<InferenceException>(() => model.Generator.Predict(TextPrompt.FromTokens(new[] { Poison }), options, Token));

        Assert.Equal(InferenceError.RunFailed, failure.Error);
        Assert.Contains("not a number", failure.Message, StringComparison.Ordinal);
        Assert.NotEqual(0, model.Generator.Predict("Hi", options, Token).Value.Tokens.Length);
    }

    [Fact]
    public void Create_FewerScoresThanTokens_SaysBothNumbers()
    {
        var refusal = Assert.Throws<InferenceException>(() => new TinyLanguageModel(vocabulary: 200));

        Assert.Equal(InferenceError.InvalidSettings, refusal.Error);
        Assert.Contains("200", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("262", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_GraphThatIsNoDecoder_SaysWhatItLacks()
    {
        using var runner = TestGraph.Runner(TinyModel.Identity(TinyModel.FloatType, "n", 3));
        using var files = new TinyStories();

        var refusal = Assert.Throws<InferenceException>(() => new TextGenerator(runner, ["model"], files.Files, files.Context));

        Assert.Equal(InferenceError.InvalidSettings, refusal.Error);
        Assert.Contains("input_ids", refusal.Message, StringComparison.Ordinal);
    }
}
