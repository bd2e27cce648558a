using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Tensors;
using Coffer.Text;
using Coffer.Vision;

namespace Coffer;

/// <content>What an open model can be asked to do: a predictor for each task, here or on an endpoint.</content>
public sealed partial class ProtectedModel
{
    /// <summary>A predictor that says what a picture shows.</summary>
    /// <param name="on">Runs the graph on an endpoint; pictures are prepared, and results made, here. It stays the caller's. Null to run on this device.</param>
    /// <exception cref="InferenceException">The bundle holds another kind of model (<see cref="InferenceError.InvalidSettings"/>), or it can't be loaded.</exception>
    /// <exception cref="LicenseException">The license allows no endpoint, or not this one; or it allows only endpoints, and none was given (<see cref="LicenseError.KeyMissing"/>).</exception>
    public ImageClassifier CreateImageClassifier(IRemoteModelRunner? on = null)
    {
        RequireTask(ModelTasks.ImageClassification, nameof(CreateImageClassifier));
        var (runner, context) = Place(ModelTasks.ImageClassification, on);
        return new ImageClassifier(
            runner,
            _model.Settings.MainGraph,
            ImageClassifierSettings.Parse(_model.RequireFile("preprocessor_config.json"), _model.File("config.json"), _model.File("labels.txt")),
            context);
    }

    /// <summary>A predictor that says what a text is about, or how it is meant.</summary>
    /// <param name="on">Runs the graph on an endpoint; texts are prepared, and results made, here. It stays the caller's. Null to run on this device.</param>
    /// <exception cref="InferenceException">The bundle holds another kind of model (<see cref="InferenceError.InvalidSettings"/>), or it can't be loaded.</exception>
    /// <exception cref="LicenseException">The license allows no endpoint, or not this one; or it allows only endpoints, and none was given (<see cref="LicenseError.KeyMissing"/>).</exception>
    public TextClassifier CreateTextClassifier(IRemoteModelRunner? on = null)
    {
        RequireTask(ModelTasks.TextClassification, nameof(CreateTextClassifier));
        var (runner, context) = Place(ModelTasks.TextClassification, on);
        return new TextClassifier(runner, _model.Settings.MainGraph, TextClassifierSettings.Parse(_model.Files), context);
    }

    /// <summary>A predictor that continues a text.</summary>
    /// <exception cref="InferenceException">The bundle holds another kind of model (<see cref="InferenceError.InvalidSettings"/>), or it can't be loaded.</exception>
    public TextGenerator CreateTextGenerator()
    {
        RequireTask(ModelTasks.TextGeneration, nameof(CreateTextGenerator));
        return new TextGenerator(CarryingRunner, GraphNames(), _model.Files, ContextFor(ModelTasks.TextGeneration));
    }

    /// <summary>A predictor that says a text in another language.</summary>
    /// <exception cref="InferenceException">The bundle holds another kind of model (<see cref="InferenceError.InvalidSettings"/>), or it can't be loaded.</exception>
    public Translator CreateTranslator()
    {
        RequireTask(ModelTasks.Translation, nameof(CreateTranslator));
        return new Translator(CarryingRunner, GraphNames(), _model.Files, ContextFor(ModelTasks.Translation));
    }

    /// <summary>A predictor that says shortly what a text says.</summary>
    /// <exception cref="InferenceException">The bundle holds another kind of model (<see cref="InferenceError.InvalidSettings"/>), or it can't be loaded.</exception>
    public Summarizer CreateSummarizer()
    {
        RequireTask(ModelTasks.Summarization, nameof(CreateSummarizer));
        return new Summarizer(CarryingRunner, GraphNames(), _model.Files, ContextFor(ModelTasks.Summarization));
    }

    /// <summary>A predictor that turns texts into vectors.</summary>
    /// <param name="on">Runs the graph on an endpoint; texts are prepared, and results made, here. It stays the caller's. Null to run on this device.</param>
    /// <exception cref="InferenceException">The bundle holds another kind of model (<see cref="InferenceError.InvalidSettings"/>), or it can't be loaded.</exception>
    /// <exception cref="LicenseException">The license allows no endpoint, or not this one; or it allows only endpoints, and none was given (<see cref="LicenseError.KeyMissing"/>).</exception>
    public TextEmbedder CreateTextEmbedder(IRemoteModelRunner? on = null)
    {
        RequireTask(ModelTasks.FeatureExtraction, nameof(CreateTextEmbedder));
        var (runner, context) = Place(ModelTasks.FeatureExtraction, on);
        return new TextEmbedder(runner, _model.Settings.MainGraph, TextEmbedderSettings.Parse(_model.Files), context);
    }

    /// <summary>A predictor that puts documents in the order of how well they answer a query.</summary>
    /// <param name="on">Runs the graph on an endpoint; texts are prepared, and results made, here. It stays the caller's. Null to run on this device.</param>
    /// <exception cref="InferenceException">The bundle holds another kind of model (<see cref="InferenceError.InvalidSettings"/>), or it can't be loaded.</exception>
    /// <exception cref="LicenseException">The license allows no endpoint, or not this one; or it allows only endpoints, and none was given (<see cref="LicenseError.KeyMissing"/>).</exception>
    public Reranker CreateReranker(IRemoteModelRunner? on = null)
    {
        RequireTask(ModelTasks.TextRanking, nameof(CreateReranker));
        var (runner, context) = Place(ModelTasks.TextRanking, on);
        return new Reranker(runner, _model.Settings.MainGraph, RerankerSettings.Parse(_model.Files), context);
    }

    /// <summary>A predictor that says which of the caller's labels fit a text.</summary>
    /// <param name="on">Runs the graph on an endpoint; texts are prepared, and results made, here. It stays the caller's. Null to run on this device.</param>
    /// <exception cref="InferenceException">The bundle holds another kind of model (<see cref="InferenceError.InvalidSettings"/>), or it can't be loaded.</exception>
    /// <exception cref="LicenseException">The license allows no endpoint, or not this one; or it allows only endpoints, and none was given (<see cref="LicenseError.KeyMissing"/>).</exception>
    public ZeroShotClassifier CreateZeroShotClassifier(IRemoteModelRunner? on = null)
    {
        RequireTask(ModelTasks.ZeroShotClassification, nameof(CreateZeroShotClassifier));
        var (runner, context) = Place(ModelTasks.ZeroShotClassification, on);
        return new ZeroShotClassifier(runner, _model.Settings.MainGraph, ZeroShotClassifierSettings.Parse(_model.Files), context);
    }

    /// <summary>A predictor that finds names, places or other entities in a text.</summary>
    /// <param name="on">Runs the graph on an endpoint; texts are prepared, and results made, here. It stays the caller's. Null to run on this device.</param>
    /// <exception cref="InferenceException">The bundle holds another kind of model (<see cref="InferenceError.InvalidSettings"/>), or it can't be loaded.</exception>
    /// <exception cref="LicenseException">The license allows no endpoint, or not this one; or it allows only endpoints, and none was given (<see cref="LicenseError.KeyMissing"/>).</exception>
    public TokenClassifier CreateTokenClassifier(IRemoteModelRunner? on = null)
    {
        RequireTask(ModelTasks.TokenClassification, nameof(CreateTokenClassifier));
        var (runner, context) = Place(ModelTasks.TokenClassification, on);
        return new TokenClassifier(runner, _model.Settings.MainGraph, TokenClassifierSettings.Parse(_model.Files), context);
    }

    /// <summary>A predictor that finds the answer to a question in a text.</summary>
    /// <param name="on">Runs the graph on an endpoint; texts are prepared, and results made, here. It stays the caller's. Null to run on this device.</param>
    /// <exception cref="InferenceException">The bundle holds another kind of model (<see cref="InferenceError.InvalidSettings"/>), or it can't be loaded.</exception>
    /// <exception cref="LicenseException">The license allows no endpoint, or not this one; or it allows only endpoints, and none was given (<see cref="LicenseError.KeyMissing"/>).</exception>
    public QuestionAnswerer CreateQuestionAnswerer(IRemoteModelRunner? on = null)
    {
        RequireTask(ModelTasks.QuestionAnswering, nameof(CreateQuestionAnswerer));
        var (runner, context) = Place(ModelTasks.QuestionAnswering, on);
        return new QuestionAnswerer(runner, _model.Settings.MainGraph, TextModelSettings.Parse(_model.Files), context);
    }

    /// <summary>A predictor with named tensors in and out, for every kind of model.</summary>
    /// <param name="on">Runs the graphs on an endpoint. It stays the caller's. Null to run on this device.</param>
    /// <exception cref="InferenceException">The model can't be loaded.</exception>
    /// <exception cref="LicenseException">The license allows no endpoint, or not this one.</exception>
    public TensorPredictor CreateTensorPredictor(IRemoteModelRunner? on = null)
    {
        var (runner, context) = Place(Manifest.Task, on);
        return new TensorPredictor(runner, GraphNames(), context);
    }

    /// <summary>What a server of tensors stands on: every graph, the main one first, charged for as <see cref="CreateTensorPredictor"/> charges.</summary>
    internal (IModelRunner Runner, PredictorContext Context, IReadOnlyList<string> Graphs) TensorPath()
    {
        var (runner, context) = Place(Manifest.Task, on: null);
        return (runner, context, GraphNames());
    }

    /// <summary>
    /// Puts a task that runs on an endpoint as a whole under this model's license: each input is charged for, as the model's task, before
    /// it leaves, and the endpoint must be one that the license allows.
    /// </summary>
    /// <param name="predictor">Sends inputs to the endpoint; stays the caller's.</param>
    /// <param name="endpoint">Where it sends them.</param>
    /// <exception cref="LicenseException">The license allows no endpoint, or not this one.</exception>
    public IPredictor<TInput, TOptions, TResult> GuardRemote<TInput, TOptions, TResult>(IPredictor<TInput, TOptions, TResult> predictor, Uri endpoint)
        where TOptions : class
    {
        ArgumentNullException.ThrowIfNull(predictor);
        return new GuardedPredictor<TInput, TOptions, TResult>(predictor, RemoteContext(Manifest.Task, endpoint), endpoint);
    }

    /// <summary>The streaming twin of <see cref="GuardRemote{TInput, TOptions, TResult}(IPredictor{TInput, TOptions, TResult}, Uri)"/>: a stream is charged for as one input.</summary>
    /// <param name="predictor">Sends inputs to the endpoint; stays the caller's.</param>
    /// <param name="endpoint">Where it sends them.</param>
    /// <exception cref="LicenseException">The license allows no endpoint, or not this one.</exception>
    public IStreamingPredictor<TInput, TOptions, TResult> GuardRemote<TInput, TOptions, TResult>(IStreamingPredictor<TInput, TOptions, TResult> predictor, Uri endpoint)
        where TOptions : class
    {
        ArgumentNullException.ThrowIfNull(predictor);
        return new GuardedStreamingPredictor<TInput, TOptions, TResult>(predictor, RemoteContext(Manifest.Task, endpoint), endpoint);
    }

    // Every predictor's runner and context come from here: on this device, or on an endpoint that the license allows.
    private (IModelRunner Runner, PredictorContext Context) Place(string task, IRemoteModelRunner? on) =>
        on is null ? (_runner, ContextFor(task)) : (on, RemoteContext(task, on.Endpoint));

    private EntitledContext ContextFor(string task) => new(_entitlement, task, ManifestDigest, _slots, _options.Clock, Manifest.Id);

    // A key-value cache goes from run to run of one call: such graphs are not batched.
    private IModelRunner CarryingRunner => _runner is BatchingRunner batching ? batching.Inner : _runner;

    private string[] GraphNames() => [.. _model.Settings.Graphs.Select(graph => graph.Name)];

    private EntitledContext RemoteContext(string task, Uri endpoint)
    {
        Entitlement.RequireEndpoint(endpoint);
        return new EntitledContext(_entitlement, task, ManifestDigest, _remoteSlots, _options.Clock, Manifest.Id, new EndpointTerms(endpoint));
    }

    private void RequireTask(string task, string method)
    {
        if (Manifest.Task != task)
        {
            throw new InferenceException(InferenceError.InvalidSettings, $"{Manifest.Id} is a model for '{Manifest.Task}'; {method} needs one for '{task}'. Create the predictor of its task, or a {nameof(TensorPredictor)}.");
        }
    }
}
