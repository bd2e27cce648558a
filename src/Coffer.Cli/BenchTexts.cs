using System.Globalization;
using Coffer.Inference;
using Coffer.Text;

namespace Coffer.Cli;

/// <summary>Texts to measure a predictor with, by the model's task.</summary>
internal static class BenchTexts
{
    private const string MadeUp = "The harbour was quiet, and the first boats came home with the evening light behind them.";

    /// <summary>Whether a task's predictor is measured with texts.</summary>
    public static bool Takes(string task) => task is ModelTasks.TextGeneration or ModelTasks.Translation or ModelTasks.Summarization
        or ModelTasks.TextClassification or ModelTasks.TokenClassification or ModelTasks.FeatureExtraction or ModelTasks.QuestionAnswering or ModelTasks.TextRanking;

    /// <exception cref="FormatException">The request does not fit the model.</exception>
    public static BenchLoad Create(ProtectedModel model, BenchLoad.Request request)
    {
        var texts = request.Inputs.Count > 0 ? [.. request.Inputs] : new[] { MadeUp };
        TextInput[] inputs = [.. texts.Select(TextInput.FromString)];
        return model.Manifest.Task switch
        {
            ModelTasks.TextGeneration => OfGenerated(model.CreateTextGenerator(), [.. texts.Select(TextPrompt.FromString)], new TextGeneratorOptions { MaxNewTokens = request.MaxNewTokens, BatchSize = request.Batch }, request),
            ModelTasks.Translation => OfGenerated(model.CreateTranslator(), inputs, new TranslatorOptions { MaxNewTokens = request.MaxNewTokens, BatchSize = request.Batch, SourceLanguage = request.From, TargetLanguage = request.To }, request),
            ModelTasks.Summarization => OfGenerated(model.CreateSummarizer(), inputs, new SummarizerOptions { MaxNewTokens = request.MaxNewTokens, BatchSize = request.Batch }, request),
            ModelTasks.TextClassification => Of(model.CreateTextClassifier(), inputs, new TextClassifierOptions { BatchSize = request.Batch }, request, _ => null),
            ModelTasks.TokenClassification => Of(model.CreateTokenClassifier(), inputs, new TokenClassifierOptions { BatchSize = request.Batch }, request, _ => null),
            ModelTasks.FeatureExtraction => Of(model.CreateTextEmbedder(), inputs, new TextEmbedderOptions { BatchSize = request.Batch }, request, _ => null),
            ModelTasks.QuestionAnswering => Of(model.CreateQuestionAnswerer(), [.. Rest(texts).Select(context => new QuestionInput(texts[0], context))], new QuestionAnswererOptions { BatchSize = request.Batch }, request, _ => null),
            _ => Of(model.CreateReranker(), [new RerankInput(texts[0], Rest(texts))], new RerankerOptions { BatchSize = Math.Max(request.Batch, texts.Length) }, request, _ => null),
        };
    }

    // A question or a query, and the texts it goes with; made up, one text is both.
    private static string[] Rest(string[] texts) => texts.Length > 1 ? texts[1..] : texts;

    private static BenchLoad OfGenerated<TInput, TOptions>(IPredictor<TInput, TOptions, GeneratedText> predictor, TInput[] inputs, TOptions options, BenchLoad.Request request)
        where TOptions : class =>
        Of(predictor, inputs, options, request, value => new BenchGeneration(value.Usage.Completion, value.TimeToFirstToken));

    private static BenchLoad Of<TInput, TOptions, TResult>(
        IPredictor<TInput, TOptions, TResult> predictor, TInput[] inputs, TOptions options, BenchLoad.Request request, Func<TResult, BenchGeneration?> generated)
        where TOptions : class
    {
        var batch = Enumerable.Range(0, request.Batch).Select(i => inputs[i % inputs.Length]).ToArray();
        var what = request.Inputs.Count > 0
            ? string.Create(CultureInfo.InvariantCulture, $"{Text.Count(request.Inputs.Count, "text")} of {request.Inputs.Sum(text => text.Length)} characters")
            : string.Create(CultureInfo.InvariantCulture, $"a made-up text of {MadeUp.Length} characters");
        var next = -1;
        return new BenchLoad(what, request.Batch, predictor, request.Batch == 1 ? CallOneAsync : CallManyAsync);

        async ValueTask<BenchLoad.Call> CallOneAsync(CancellationToken cancellationToken)
        {
            var input = inputs[(uint)Interlocked.Increment(ref next) % inputs.Length];
            return Sum([await predictor.PredictAsync(input, options, cancellationToken).ConfigureAwait(false)]);
        }

        async ValueTask<BenchLoad.Call> CallManyAsync(CancellationToken cancellationToken) =>
            Sum(await predictor.PredictBatchAsync(batch, options, cancellationToken).ConfigureAwait(false));

        BenchLoad.Call Sum(IReadOnlyList<Prediction<TResult>> predictions)
        {
            var all = predictions.Select(prediction => generated(prediction.Value)).OfType<BenchGeneration>().ToList();
            BenchGeneration? sum = all.Count == 0 ? null : new BenchGeneration(all.Sum(one => one.Tokens), all.Min(one => one.TimeToFirst));
            return new BenchLoad.Call(predictions[0].ExecutionProvider, predictions[0].Fallback, sum);
        }
    }
}
