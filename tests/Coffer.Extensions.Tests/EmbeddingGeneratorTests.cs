using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Testing;
using Coffer.Text;
using Microsoft.Extensions.AI;

namespace Coffer.Extensions.Tests;

public sealed class EmbeddingGeneratorTests(HelpModels models) : IClassFixture<HelpModels>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GenerateAsync_Texts_AreTheEmbeddersOwn()
    {
        using var model = await models.OpenAsync(models.Embedder, request => request with { Watermark = "mark" });
        using var embedder = model.CreateTextEmbedder();
        using var generator = embedder.AsEmbeddingGenerator();

        var embeddings = await generator.GenerateAsync(["What is a bundle?", "Who are you?"], cancellationToken: Token);

        Assert.Equal(2, embeddings.Count);
        Assert.Equal(embedder.Predict("Who are you?", null, Token).Value.Vector.ToArray(), embeddings[1].Vector.ToArray(), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal("acme/help-embedder", embeddings[0].ModelId);
        Assert.Equal((5 + 4, 5 + 4), ((int)embeddings.Usage!.InputTokenCount!, (int)embeddings.Usage.TotalTokenCount!));
        Assert.Equal("mark", embeddings.AdditionalProperties![CofferProperties.Watermark]);
        Assert.Equal(model.ManifestDigest, embeddings.AdditionalProperties[CofferProperties.ModelDigest]);
        Assert.Empty(await generator.GenerateAsync([], cancellationToken: Token));
    }

    [Fact]
    public async Task GenerateAsync_SpentQuota_ThrowsTheLicensesError()
    {
        using var model = await models.OpenAsync(models.Embedder, request => request with { Calls = 2 });
        using var embedder = model.CreateTextEmbedder();
        using var generator = embedder.AsEmbeddingGenerator();

        await generator.GenerateAsync(["a", "b"], cancellationToken: Token);

        Assert.Equal(LicenseError.QuotaExceeded, (await Assert.ThrowsAsync<LicenseException>(() => generator.GenerateAsync(["a"], cancellationToken: Token))).Error);
    }

    [Fact]
    public async Task GetService_WhatThereIs_IsGiven()
    {
        using var model = await models.OpenAsync(models.Embedder);
        using var embedder = model.CreateTextEmbedder();
        using var generator = embedder.AsEmbeddingGenerator();

        var metadata = generator.GetRequiredService<EmbeddingGeneratorMetadata>();

        Assert.Equal(("coffer", "acme/help-embedder", embedder.Dimensions), (metadata.ProviderName, metadata.DefaultModelId, metadata.DefaultModelDimensions));
        Assert.Same(embedder, generator.GetService<TextEmbedder>());
        Assert.Null(generator.GetService<TextGenerator>());
    }

    [Fact]
    public async Task GenerateAsync_AnotherModelOrSize_SaysSo()
    {
        using var model = await models.OpenAsync(models.Embedder);
        using var embedder = model.CreateTextEmbedder();
        using var generator = embedder.AsEmbeddingGenerator();

        await Assert.ThrowsAsync<NotSupportedException>(() => generator.GenerateAsync(["a"], new() { ModelId = "other" }, Token));
        var refusal = await Assert.ThrowsAsync<NotSupportedException>(() => generator.GenerateAsync(["a"], new() { Dimensions = 7 }, Token));
        Assert.Contains($"the model gives {embedder.Dimensions}", refusal.Message, StringComparison.Ordinal);
        Assert.Single(await generator.GenerateAsync(["a"], new() { Dimensions = embedder.Dimensions, ModelId = "acme/help-embedder" }, Token));
    }

    // A predictor anywhere: it says neither its model nor how many tokens it read.
    [Fact]
    public async Task AsEmbeddingGenerator_HybridPredictor_Embeds()
    {
        TextEmbedderOptions? asked = null;
        using var predictor = new FakePredictor<TextInput, TextEmbedderOptions, TextEmbedding>((input, options) =>
        {
            asked = options;
            return new TextEmbedding(new float[] { input.Text.Length, 1 });
        });
        using var hybrid = new HybridPredictor<TextInput, TextEmbedderOptions, TextEmbedding>(predictor, null, new() { Mode = InferenceMode.OnlyOnDevice });
        using var generator = hybrid.AsEmbeddingGenerator(new() { ModelId = "acme/far", Embedding = new() { Prefix = "query: " } });

        var embeddings = await generator.GenerateAsync(["abc"], cancellationToken: Token);

        Assert.Equal([3f, 1f], embeddings[0].Vector.ToArray());
        Assert.Null(embeddings.Usage);
        Assert.Equal("query: ", asked!.Prefix);
        await Assert.ThrowsAsync<NotSupportedException>(() => generator.GenerateAsync(["abc"], new() { Dimensions = 7 }, Token));
    }
}
