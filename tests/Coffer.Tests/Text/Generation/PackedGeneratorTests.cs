using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Packaging;

namespace Coffer.Tests.Text;

/// <summary>Exported folders of language models, packed, licensed and opened.</summary>
public sealed class PackedGeneratorTests : IDisposable
{
    private readonly TestVendor _vendor = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _vendor.Dispose();

    [Fact]
    public async Task CreateTextGenerator_PackedStories_EqualsTheReference()
    {
        var bundle = await _vendor.PackAsync(Repository.Shared("models", "tinystories-656k"), Options("stories", ModelTasks.TextGeneration));
        using var model = await _vendor.OpenAsync(bundle, request => request with { Calls = 2 });
        using var generator = model.CreateTextGenerator();
        var (_, expected) = TinyStories.Reference();

        var prediction = await generator.PredictAsync(TinyStories.Beginning, new() { MaxNewTokens = expected.Length }, Token);

        Assert.Equal(expected, prediction.Value.Tokens.ToArray());
        Assert.Equal(model.ManifestDigest, prediction.ModelDigest);

        // A prompt is one unit, however many tokens.
        Assert.Equal(3, generator.Predict("A", new() { MaxNewTokens = 3 }, Token).Value.Tokens.Length);
        Assert.Equal(LicenseError.QuotaExceeded, Assert.Throws<LicenseException>(() => { generator.Predict("A", null, Token); }).Error);
    }

    // Requests of many callers are not collected: each has a cache of its own.
    [Fact]
    public async Task CreateTextGenerator_ModelThatBatches_GeneratesAllTheSame()
    {
        var bundle = await _vendor.PackAsync(Repository.File("tests", "architectures", "decoders", "llama"), Options("llama", ModelTasks.TextGeneration));
        using var model = await ProtectedModel.OpenAsync(bundle, _vendor.Options(_vendor.Issue(bundle)) with { Batching = new() { MaxBatch = 4 } }, Token);
        using var generator = model.CreateTextGenerator();

        var alone = generator.Predict("Hello", new() { MaxNewTokens = 20 }, Token).Value.Tokens.ToArray();
        var many = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => generator.PredictAsync("Hello", new() { MaxNewTokens = 20 }, Token)));

        Assert.All(many, prediction => Assert.Equal(alone, prediction.Value.Tokens.ToArray()));
    }

    [Fact]
    public async Task CreateTranslator_PackedFolder_HoldsTheMergedDecoderOnceAndTranslates()
    {
        using var exported = new ExportedArchitecture("marian");
        var bundle = await _vendor.PackAsync(exported.Folder, Options("marian", ModelTasks.Translation));
        using var model = await _vendor.OpenAsync(bundle);
        using var translator = model.CreateTranslator();

        var translation = translator.Predict("Hello, world", new() { MaxNewTokens = 12, NoRepeatNgramSize = 2 }, Token).Value;

        Assert.Equal(exported.Generate("Hello, world", new() { MaxNewTokens = 12, NoRepeatNgramSize = 2 }).Tokens.ToArray(), translation.Tokens.ToArray());
        Assert.Equal(
            ["graphs/decoder_model_merged/graph", "graphs/encoder_model/graph"],
            model.Manifest.Parts.Select(part => part.Name).Where(name => name.EndsWith("/graph", StringComparison.Ordinal)).Order());
    }

    [Fact]
    public async Task CreateSummarizer_PackedFolder_Summarizes()
    {
        using var exported = new ExportedArchitecture("t5");
        var bundle = await _vendor.PackAsync(exported.Folder, Options("t5", ModelTasks.Summarization));
        using var model = await _vendor.OpenAsync(bundle);
        using var summarizer = model.CreateSummarizer();
        using var plain = exported.CreateSummarizer();

        Assert.Equal(plain.Predict("A long story", null, Token).Value.Text, (await summarizer.PredictAsync("A long story", null, Token)).Value.Text);
        Assert.Equal(InferenceError.InvalidSettings, Assert.Throws<InferenceException>(model.CreateTranslator).Error);
    }

    [Theory]
    [InlineData("marian", ModelTasks.TextGeneration, "encoder_hidden_states")]
    [InlineData("gpt2", ModelTasks.Translation, "'encoder_model'")]
    public async Task PackAsync_AnotherTasksModel_IsRefusedBeforeItIsSold(string architecture, string task, string said)
    {
        var refusal = await Assert.ThrowsAsync<PackagingException>(() => _vendor.PackAsync(Repository.File("tests", "architectures", "decoders", architecture), Options("wrong", task)));

        Assert.Equal(PackagingError.InvalidSettings, refusal.Error);
        Assert.Contains(said, refusal.Message, StringComparison.Ordinal);
    }

    private static PackOptions Options(string name, string task) => new() { Name = name, Version = SemanticVersion.Parse("1.0.0"), Task = task };
}
