using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Tensors;
using Coffer.Text;
using Coffer.Vision;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Coffer.Extensions.Tests;

/// <summary>An application's services with real bundles, from configuration and from code.</summary>
public sealed class DependencyInjectionTests(HelpModels models) : IClassFixture<HelpModels>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AddBundle_FromConfiguration_ServesEveryFormOfItsPredictors()
    {
        var settings = Settings(models.Generator);
        settings["help:Providers:0"] = "cpu";
        settings["help:MaxConcurrency"] = "3";
        settings["help:ExpiryWarning"] = "2.00:00:00";
        var services = new ServiceCollection();
        services.AddCoffer().AddBundle("help", Configuration(settings).GetSection("help")).AddTextGenerator();
        await using var provider = services.BuildServiceProvider();
        var bundle = provider.GetRequiredKeyedService<CofferBundle>("help");
        var client = provider.GetRequiredKeyedService<IChatClient>("help");
        Assert.Null(bundle.Model);
        Assert.Null(client.GetRequiredService<ChatClientMetadata>().DefaultModelId);

        var answer = await client.GetResponseAsync("What is a bundle?", cancellationToken: Token);

        Assert.NotEmpty(answer.Text);
        Assert.Equal("acme/help-generator", client.GetRequiredService<ChatClientMetadata>().DefaultModelId);
        Assert.Same(bundle.Model, await bundle.OpenAsync(Token));
        var generator = provider.GetRequiredKeyedService<TextGenerator>("help");
        Assert.Same(generator, client.GetService<TextGenerator>());
        var predictor = provider.GetRequiredKeyedService<IPredictor<TextPrompt, TextGeneratorOptions, GeneratedText>>("help");
        Assert.Equal(generator.Predict("What", null, Token).Value.Text, (await predictor.PredictAsync("What", null, Token)).Value.Text);
        Assert.Single(await predictor.PredictBatchAsync(["What"], null, Token));
        var tokens = 0;
        await foreach (var token in provider.GetRequiredKeyedService<IStreamingPredictor<TextPrompt, TextGeneratorOptions, GeneratedToken>>("help").PredictStreamAsync("What", new() { MaxNewTokens = 3 }, Token))
        {
            tokens++;
        }

        Assert.InRange(tokens, 1, 3);
        var options = provider.GetRequiredService<IOptionsMonitor<BundleOptions>>().Get("help");
        Assert.Equal((3, TimeSpan.FromDays(2), "cpu"), (options.MaxConcurrency, options.ExpiryWarning, Assert.Single(options.Providers)));
    }

    [Fact]
    public async Task AddBundle_TwoOfThem_AreKeptApart()
    {
        var services = new ServiceCollection();
        var coffer = services.AddCoffer();
        FromCode(coffer, "chat", models.Generator).AddTextGenerator();
        FromCode(coffer, "search", models.Embedder).AddTextEmbedder(new() { ModelId = "search-1" });
        await using var provider = services.BuildServiceProvider();

        var embeddings = await provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>("search").GenerateAsync(["a bundle"], cancellationToken: Token);

        Assert.Equal("search-1", embeddings[0].ModelId);
        Assert.Null(provider.GetRequiredKeyedService<CofferBundle>("chat").Model);
        Assert.Null(provider.GetKeyedService<IChatClient>("search"));
        Assert.NotNull(provider.GetRequiredKeyedService<TextEmbedder>("search").Dimensions);
        Assert.Throws<ArgumentException>(() => coffer.AddBundle("chat"));
    }

    [Fact]
    public async Task AddImageClassifier_Digits_SaysWhatAPictureShows()
    {
        var services = new ServiceCollection();
        FromCode(services.AddCoffer(), "digits", await models.Vendor.PackAsync()).AddImageClassifier().AddTensorPredictor();
        await using var provider = services.BuildServiceProvider();
        var classifier = provider.GetRequiredKeyedService<IPredictor<ImageInput, ImageClassifierOptions, ImageClassification>>("digits");

        var prediction = await classifier.PredictAsync(ImageInput.FromFile(Repository.File("samples", "models", "digits", "pictures", "seven.png")), null, Token);

        Assert.Equal("seven", prediction.Value.Top.Label);
        Assert.NotNull(provider.GetRequiredKeyedService<TensorPredictor>("digits"));
    }

    [Fact]
    public async Task GenerateAsync_BundleOfAnotherTask_SaysWhichItIs()
    {
        var services = new ServiceCollection();
        FromCode(services.AddCoffer(), "chat", models.Generator).AddTextEmbedder();
        await using var provider = services.BuildServiceProvider();

        var refusal = await Assert.ThrowsAsync<InferenceException>(
            () => provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>("chat").GenerateAsync(["a"], cancellationToken: Token));

        Assert.Equal(InferenceError.InvalidSettings, refusal.Error);
        Assert.Contains("'text-generation'", refusal.Message, StringComparison.Ordinal);
    }

    // Every way of adding a predictor serves the seam that its class implements.
    [Fact]
    public void AddAll_EachPredictor_IsServedUnderTheBundlesName()
    {
        var services = new ServiceCollection();
        services.AddCoffer().AddBundle("all").AddImageClassifier().AddTextClassifier().AddTokenClassifier().AddZeroShotClassifier().AddQuestionAnswerer().AddReranker()
            .AddTranslator().AddSummarizer().AddTextEmbedder().AddTextGenerator();
        using var provider = services.BuildServiceProvider();

        var served = services.Where(service => service.IsKeyedService && Equals(service.ServiceKey, "all") && service.ServiceType.IsInterface).Select(service => service.ServiceType).ToList();

        Assert.Equal(10, served.Count(type => type.Name.StartsWith("IPredictor", StringComparison.Ordinal)));
        Assert.Equal(3, served.Count(type => type.Name.StartsWith("IStreamingPredictor", StringComparison.Ordinal)));
        Assert.All(served, type => Assert.NotNull(provider.GetRequiredKeyedService(type, "all")));
    }

    [Fact]
    public void GetKeyedService_ClassOfABundleThatIsNotOpen_SaysWhatToDo()
    {
        var services = new ServiceCollection();
        FromCode(services.AddCoffer(), "chat", models.Generator).AddTextGenerator();
        using var provider = services.BuildServiceProvider();

        var refusal = Assert.Throws<InvalidOperationException>(() => provider.GetRequiredKeyedService<TextGenerator>("chat"));

        Assert.Contains("OpenAtStart", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("AddTextGenerator", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartAsync_OpenAtStart_OpensTheseAndNoOthers()
    {
        var services = new ServiceCollection();
        var coffer = services.AddCoffer();
        FromCode(coffer, "chat", models.Generator, options => options.OpenAtStart = true).AddTextGenerator();
        FromCode(coffer, "search", models.Embedder).AddTextEmbedder();
        await using var provider = services.BuildServiceProvider();

        foreach (var hosted in provider.GetServices<IHostedService>())
        {
            await hosted.StartAsync(Token);
        }

        Assert.Single(provider.GetServices<IHostedService>());
        Assert.NotNull(provider.GetRequiredKeyedService<CofferBundle>("chat").Model);
        Assert.NotNull(provider.GetRequiredKeyedService<TextGenerator>("chat").ModelId);
        Assert.Null(provider.GetRequiredKeyedService<CofferBundle>("search").Model);
    }

    [Fact]
    public async Task OpenAsync_WrongOptions_NamesEachAndWhatToDo()
    {
        var services = new ServiceCollection();
        services.AddCoffer().AddBundle("help", options =>
        {
            options.Path = "missing.coffer";
            options.Providers.Add("gpu");
            options.MaxBatch = 0;
            options.RequireGpu = true;
            options.ExpiryWarning = TimeSpan.FromDays(-1);
        }).AddTextGenerator();
        await using var provider = services.BuildServiceProvider();

        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => provider.GetRequiredKeyedService<IChatClient>("help").GetResponseAsync("Hi", cancellationToken: Token));

        Assert.Equal(8, refusal.Failures.Count());
        Assert.All(["'missing.coffer'", "License is missing", "UseLicense", "DeviceKey is missing", "Trust is missing", "'gpu'", "cuda:1", "MaxBatch is 0", "RequireGpu", "ExpiryWarning"], part => Assert.Contains(part, refusal.Message, StringComparison.Ordinal));
        Assert.All(refusal.Failures, failure => Assert.StartsWith("The bundle 'help': ", failure, StringComparison.Ordinal));
    }

    // What failed once is tried again: a license may have come meanwhile.
    [Fact]
    public async Task OpenAsync_LicenseThatComesLater_OpensThen()
    {
        License? license = null;
        var services = new ServiceCollection();
        FromCode(services.AddCoffer(), "chat", models.Generator).UseLicense(_ => license ?? throw new LicenseException(LicenseError.Malformed, "There is no license yet.")).AddTextGenerator();
        services.AddHealthChecks().AddCoffer();
        services.AddLogging();
        await using var provider = services.BuildServiceProvider();
        var client = provider.GetRequiredKeyedService<IChatClient>("chat");

        await Assert.ThrowsAsync<LicenseException>(() => client.GetResponseAsync("Hi", cancellationToken: Token));
        var report = await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync(Token);
        Assert.Equal(HealthStatus.Unhealthy, report.Status);
        Assert.Contains("There is no license yet.", report.Entries["coffer"].Description, StringComparison.Ordinal);

        license = models.Vendor.Issue(models.Generator);
        Assert.NotEmpty((await client.GetResponseAsync("Who are you?", cancellationToken: Token)).Text);
        Assert.Equal(HealthStatus.Healthy, (await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync(Token)).Status);
    }

    [Fact]
    public async Task CheckHealthAsync_LicenseThatRunsOut_IsDegradedAndThenFailed()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(clock);
        services.AddLogging();
        FromCode(services.AddCoffer(), "chat", models.Generator).UseLicense(_ => models.Vendor.Issue(models.Generator, request => request with { Expires = clock.GetUtcNow().AddDays(30) })).AddTextGenerator();
        services.AddHealthChecks().AddCoffer("models", tags: ["ready"]);
        await using var provider = services.BuildServiceProvider();
        var checks = provider.GetRequiredService<HealthCheckService>();

        async Task<(HealthStatus, string)> CheckAsync()
        {
            var entry = (await checks.CheckHealthAsync(Token)).Entries["models"];
            return (entry.Status, (string)entry.Data["chat"]);
        }

        Assert.Equal((HealthStatus.Healthy, "not opened yet"), await CheckAsync());
        await provider.GetRequiredKeyedService<CofferBundle>("chat").OpenAsync(Token);
        Assert.Equal((HealthStatus.Healthy, "open"), await CheckAsync());
        clock.Advance(TimeSpan.FromDays(17));
        var (status, text) = await CheckAsync();
        Assert.Equal(HealthStatus.Degraded, status);
        Assert.Contains("expires at", text, StringComparison.Ordinal);
        clock.Advance(TimeSpan.FromDays(14));
        (status, text) = await CheckAsync();
        Assert.Equal(HealthStatus.Unhealthy, status);
        Assert.Contains("expired at", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dispose_Services_ClosesPredictorsAndThenTheModelAndLeavesTheCallersKey()
    {
        var services = new ServiceCollection();
        FromCode(services.AddCoffer(), "chat", models.Generator).AddTextGenerator();
        var provider = services.BuildServiceProvider();
        var bundle = provider.GetRequiredKeyedService<CofferBundle>("chat");
        var client = provider.GetRequiredKeyedService<IChatClient>("chat");
        await client.GetResponseAsync("Hi", cancellationToken: Token);
        var (generator, model) = (provider.GetRequiredKeyedService<TextGenerator>("chat"), bundle.Model!);

        await provider.DisposeAsync();

        Assert.Throws<ObjectDisposedException>(() => { generator.Predict("Hi", null, Token); });
        Assert.Throws<ObjectDisposedException>(() => model.Entitlement.Begin(ModelTasks.TextGeneration, ExecutionTarget.Local));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetResponseAsync("Hi", cancellationToken: Token));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => bundle.OpenAsync(Token));
        using var again = await models.OpenAsync(models.Generator);
        bundle.Dispose();
    }

    [Fact]
    public async Task OpenAsync_CallerThatGivesUp_LeavesTheOpeningToOthers()
    {
        using var gate = new ManualResetEventSlim();
        using var stopped = new CancellationTokenSource();
        var services = new ServiceCollection();
        FromCode(services.AddCoffer(), "chat", models.Generator).ConfigureModel((_, options) =>
        {
            gate.Wait(Token);
            return options with { Audience = null };
        });
        await using var provider = services.BuildServiceProvider();
        var bundle = provider.GetRequiredKeyedService<CofferBundle>("chat");
        var impatient = bundle.OpenAsync(stopped.Token);
        var patient = bundle.OpenAsync(Token);

        await stopped.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        gate.Set();

        Assert.Same(await patient, bundle.Model);
    }

    private CofferBundleBuilder FromCode(CofferBuilder coffer, string name, string bundle, Action<BundleOptions>? edit = null) => coffer
        .AddBundle(name, options =>
        {
            options.Path = bundle;
            edit?.Invoke(options);
        })
        .UseTrust(_ => models.Vendor.Trust)
        .UseDevice(_ => models.Vendor.Device)
        .UseLicense(_ => models.Vendor.Issue(bundle));

    private Dictionary<string, string?> Settings(string bundle)
    {
        var license = models.Vendor.File("help.license");
        using (var signed = SignedBundle.Open(bundle))
        using (var issuer = models.Vendor.Keys.OpenIssuerKey())
        {
            var request = LicenseRequest.For(signed.Manifest, models.Vendor.Device.Recipient, "hospital-7");
            File.WriteAllText(license, new LicenseIssuer(models.Vendor.Keys.Publisher, issuer).Issue(request, models.Vendor.Keys.OpenGrants()));
        }

        return new()
        {
            ["help:Path"] = bundle,
            ["help:License"] = license,
            ["help:DeviceKey"] = models.Vendor.Keys.DeviceKeyPath,
            ["help:Trust"] = models.Vendor.Keys.TrustPath,
        };
    }

    private static IConfigurationRoot Configuration(Dictionary<string, string?> settings) => new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
}
