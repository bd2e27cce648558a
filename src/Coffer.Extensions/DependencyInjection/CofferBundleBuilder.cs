using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Tensors;
using Coffer.Text;
using Coffer.Vision;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Coffer.Extensions;

/// <summary>
/// Adds a bundle's predictors to the services, all keyed by the bundle's name and single: as <c>IPredictor</c>, which opens the bundle at the first call, and as
/// the class itself, once the bundle is open.
/// </summary>
public sealed class CofferBundleBuilder
{
    private readonly BundleSources _sources;

    internal CofferBundleBuilder(IServiceCollection services, string name, BundleSources sources) => (Services, Name, _sources) = (services, name, sources);

    /// <summary>The application's services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>The bundle's name, and the key of its services.</summary>
    public string Name { get; }

    /// <summary>Whom the application trusts, from code, instead of <see cref="BundleOptions.Trust"/>.</summary>
    /// <param name="trust">Gives the trust store; called at each attempt to open.</param>
    public CofferBundleBuilder UseTrust(Func<IServiceProvider, TrustStore> trust)
    {
        ArgumentNullException.ThrowIfNull(trust);
        _sources.Trust = trust;
        return this;
    }

    /// <summary>The license, from code, instead of <see cref="BundleOptions.License"/>.</summary>
    /// <param name="license">Gives the license; called at each attempt to open.</param>
    public CofferBundleBuilder UseLicense(Func<IServiceProvider, License> license)
    {
        ArgumentNullException.ThrowIfNull(license);
        _sources.License = license;
        return this;
    }

    /// <summary>This device's key, from code, instead of <see cref="BundleOptions.DeviceKey"/>.</summary>
    /// <param name="device">Gives the key; called at each attempt to open. The key stays its owner's to dispose, after the services.</param>
    public CofferBundleBuilder UseDevice(Func<IServiceProvider, IDeviceKey> device)
    {
        ArgumentNullException.ThrowIfNull(device);
        _sources.Device = device;
        return this;
    }

    /// <summary>Anything else about how the bundle is opened and runs, after the options are read: settings of a provider, status lists, a session pool.</summary>
    /// <param name="edit">Changes a copy with <c>with</c>. Several go one after another.</param>
    public CofferBundleBuilder ConfigureModel(Func<IServiceProvider, ModelOptions, ModelOptions> edit)
    {
        ArgumentNullException.ThrowIfNull(edit);
        _sources.Edits.Add(edit);
        return this;
    }

    /// <summary>Adds an <see cref="ImageClassifier"/>.</summary>
    public CofferBundleBuilder AddImageClassifier() =>
        Add<ImageClassifier, ImageInput, ImageClassifierOptions, ImageClassification>(model => model.CreateImageClassifier(), nameof(AddImageClassifier));

    /// <summary>Adds a <see cref="TextClassifier"/>.</summary>
    public CofferBundleBuilder AddTextClassifier() =>
        Add<TextClassifier, TextInput, TextClassifierOptions, TextClassification>(model => model.CreateTextClassifier(), nameof(AddTextClassifier));

    /// <summary>Adds a <see cref="TokenClassifier"/>.</summary>
    public CofferBundleBuilder AddTokenClassifier() =>
        Add<TokenClassifier, TextInput, TokenClassifierOptions, TokenClassification>(model => model.CreateTokenClassifier(), nameof(AddTokenClassifier));

    /// <summary>Adds a <see cref="ZeroShotClassifier"/>.</summary>
    public CofferBundleBuilder AddZeroShotClassifier() =>
        Add<ZeroShotClassifier, TextInput, ZeroShotClassifierOptions, ZeroShotClassification>(model => model.CreateZeroShotClassifier(), nameof(AddZeroShotClassifier));

    /// <summary>Adds a <see cref="QuestionAnswerer"/>.</summary>
    public CofferBundleBuilder AddQuestionAnswerer() =>
        Add<QuestionAnswerer, QuestionInput, QuestionAnswererOptions, QuestionAnswering>(model => model.CreateQuestionAnswerer(), nameof(AddQuestionAnswerer));

    /// <summary>Adds a <see cref="Reranker"/>.</summary>
    public CofferBundleBuilder AddReranker() =>
        Add<Reranker, RerankInput, RerankerOptions, Reranking>(model => model.CreateReranker(), nameof(AddReranker));

    /// <summary>Adds a <see cref="Translator"/>, which also streams.</summary>
    public CofferBundleBuilder AddTranslator() =>
        Add<Translator, TextInput, TranslatorOptions, GeneratedText>(model => model.CreateTranslator(), nameof(AddTranslator))
            .AddStream<Translator, TextInput, TranslatorOptions, GeneratedToken>();

    /// <summary>Adds a <see cref="Summarizer"/>, which also streams.</summary>
    public CofferBundleBuilder AddSummarizer() =>
        Add<Summarizer, TextInput, SummarizerOptions, GeneratedText>(model => model.CreateSummarizer(), nameof(AddSummarizer))
            .AddStream<Summarizer, TextInput, SummarizerOptions, GeneratedToken>();

    /// <summary>Adds a <see cref="TensorPredictor"/>, for every kind of model.</summary>
    public CofferBundleBuilder AddTensorPredictor() =>
        Add<TensorPredictor, IReadOnlyDictionary<string, Tensor>, TensorPredictorOptions, IReadOnlyDictionary<string, Tensor>>(model => model.CreateTensorPredictor(), nameof(AddTensorPredictor));

    /// <summary>Adds a <see cref="TextEmbedder"/>, also as <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/> of <see cref="string"/> and <c>Embedding&lt;float></c>.</summary>
    /// <param name="settings">Of the embedding generator; null for the defaults.</param>
    public CofferBundleBuilder AddTextEmbedder(EmbeddingGeneratorSettings? settings = null)
    {
        settings ??= EmbeddingGeneratorSettings.Default;
        Add<TextEmbedder, TextInput, TextEmbedderOptions, TextEmbedding>(model => model.CreateTextEmbedder(), nameof(AddTextEmbedder));
        Services.AddKeyedSingleton<IEmbeddingGenerator<string, Embedding<float>>>(Name, (services, key) => new LazyEmbeddingGenerator(Deferred<TextEmbedder>(services, key), settings));
        return this;
    }

    /// <summary>Adds a <see cref="TextGenerator"/>, which also streams, and as <see cref="IChatClient"/>.</summary>
    /// <param name="settings">Of the chat client; null for the defaults.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public CofferBundleBuilder AddTextGenerator(ChatClientSettings? settings = null)
    {
        settings ??= ChatClientSettings.Default;
        settings.Validate();
        Add<TextGenerator, TextPrompt, TextGeneratorOptions, GeneratedText>(model => model.CreateTextGenerator(), nameof(AddTextGenerator));
        AddStream<TextGenerator, TextPrompt, TextGeneratorOptions, GeneratedToken>();
        Services.AddKeyedSingleton<IChatClient>(Name, (services, key) => new LazyChatClient(Deferred<TextGenerator>(services, key), settings));
        return this;
    }

    private CofferBundleBuilder Add<TPredictor, TInput, TOptions, TResult>(Func<ProtectedModel, TPredictor> create, string method)
        where TPredictor : class, IPredictor<TInput, TOptions, TResult>
        where TOptions : class
    {
        // The container disposes in the reverse of the order in which it made things: predictors before their bundle.
        Services.AddKeyedSingleton(Name, (services, key) => new DeferredPredictor<TPredictor>(services.GetRequiredKeyedService<CofferBundle>(key), create, method));
        Services.AddKeyedSingleton<IPredictor<TInput, TOptions, TResult>>(Name, (services, key) => new LazyPredictor<TPredictor, TInput, TOptions, TResult>(Deferred<TPredictor>(services, key)));
        Services.AddKeyedSingleton(Name, (services, key) => Deferred<TPredictor>(services, key).Get());
        return this;
    }

    private CofferBundleBuilder AddStream<TPredictor, TInput, TOptions, TResult>()
        where TPredictor : class, IStreamingPredictor<TInput, TOptions, TResult>
        where TOptions : class
    {
        Services.AddKeyedSingleton<IStreamingPredictor<TInput, TOptions, TResult>>(Name, (services, key) => new LazyStreamingPredictor<TPredictor, TInput, TOptions, TResult>(Deferred<TPredictor>(services, key)));
        return this;
    }

    private static DeferredPredictor<T> Deferred<T>(IServiceProvider services, object? key)
        where T : class, IDisposable => services.GetRequiredKeyedService<DeferredPredictor<T>>(key);
}
