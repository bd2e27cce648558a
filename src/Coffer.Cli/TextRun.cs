using System.Globalization;
using System.Text.Json;
using Coffer.Cli.Commands;
using Coffer.Text;

namespace Coffer.Cli;

/// <summary>Predicts for texts by the model's task.</summary>
internal sealed class TextRun(ProtectedModel model, Output output, TextOptions.Request request, int topK, CancellationToken cancellationToken)
{
    // A table is for looking at: a long text is only named in it. --json has it whole.
    private const int ShownLength = 40;

    private static readonly Dictionary<string, Func<TextRun, IReadOnlyList<string>, Task<int>>> Tasks = new(StringComparer.Ordinal)
    {
        [ModelTasks.TextClassification] = (run, texts) => run.ClassifyAsync(texts),
        [ModelTasks.ZeroShotClassification] = (run, texts) => run.ChooseAsync(texts),
        [ModelTasks.TokenClassification] = (run, texts) => run.FindAsync(texts),
        [ModelTasks.FeatureExtraction] = (run, texts) => run.EmbedAsync(texts),
        [ModelTasks.TextRanking] = (run, texts) => run.RankAsync(texts),
        [ModelTasks.QuestionAnswering] = (run, texts) => run.AnswerAsync(texts),
    };

    /// <summary>Whether models of a task take texts.</summary>
    public static bool Takes(string task) => Tasks.ContainsKey(task);

    /// <returns>The exit code: <see cref="ExitCodes.Usage"/> if a text could not be taken.</returns>
    public Task<int> RunAsync(IReadOnlyList<string> texts) => Tasks[model.Manifest.Task](this, texts);

    private async Task<int> ClassifyAsync(IReadOnlyList<string> texts)
    {
        using var classifier = model.CreateTextClassifier();
        var options = new TextClassifierOptions { TopK = topK, Threshold = request.Threshold, Truncation = Truncation(TruncationStrategy.LongestFirst) };
        var run = Run<TextClassification>(value => RunText.ClassRows(value.Classes), (json, value) => RunText.WriteClasses(json, value.Classes));
        return await run.RunAsync(texts, text => classifier.PredictAsync(new TextInput(text, request.Pair), options, cancellationToken));
    }

    private async Task<int> ChooseAsync(IReadOnlyList<string> texts)
    {
        if (request.Labels.Count == 0)
        {
            throw new FormatException("The model chooses among labels that you give: --label sports --label politics.");
        }

        using var classifier = model.CreateZeroShotClassifier();
        var options = new ZeroShotClassifierOptions { Labels = request.Labels, MultiLabel = request.MultiLabel, Truncation = Truncation(TruncationStrategy.OnlyFirst) };
        options = request.Hypothesis is { } hypothesis ? options with { HypothesisTemplate = hypothesis } : options;
        var run = Run<ZeroShotClassification>(value => RunText.ClassRows([.. value.Labels.Take(topK)]), (json, value) => RunText.WriteClasses(json, [.. value.Labels.Take(topK)]));
        return await run.RunAsync(texts, text => classifier.PredictAsync(text, options, cancellationToken));
    }

    private async Task<int> FindAsync(IReadOnlyList<string> texts)
    {
        using var classifier = model.CreateTokenClassifier();
        var options = new TokenClassifierOptions { Aggregation = request.Aggregation, Stride = request.Stride, Truncation = Truncation(TruncationStrategy.OnlyFirst) };
        var run = Run<TokenClassification>(
            value => value.Entities.Select(entity => new[] { $"{entity.Word}  {entity.Label}  {entity.Span.Start}..{entity.Span.End}", RunText.Share(entity.Score) }),
            WriteEntities);
        return await run.RunAsync(texts, text => classifier.PredictAsync(text, options, cancellationToken));
    }

    private async Task<int> EmbedAsync(IReadOnlyList<string> texts)
    {
        using var embedder = model.CreateTextEmbedder();
        var options = new TextEmbedderOptions { Prompt = request.Prompt, Truncation = Truncation(TruncationStrategy.LongestFirst) };
        TextEmbedding? first = null;
        var run = Run<TextEmbedding>(
            value => [[Numbers(value), Similarity(embedder.Similarity, first ??= value, value)]],
            WriteVector);
        return await run.RunAsync(texts, text => embedder.PredictAsync(text, options, cancellationToken));
    }

    private async Task<int> RankAsync(IReadOnlyList<string> documents)
    {
        var query = request.Query ?? throw new FormatException("The model ranks texts by how well they answer: --query \"who made it?\".");
        using var reranker = model.CreateReranker();
        var options = new RerankerOptions { TopK = topK, Truncation = Truncation(TruncationStrategy.OnlySecond) };
        var run = Run<Reranking>(
            value => value.Documents.Select(document => new[] { Shorten(documents[document.Index]), RunText.Number(document.Score) }),
            (json, value) => WriteDocuments(json, value, documents));
        return await run.RunAsync([query], text => reranker.PredictAsync(new RerankInput(text, documents), options, cancellationToken));
    }

    private async Task<int> AnswerAsync(IReadOnlyList<string> contexts)
    {
        var question = request.Query ?? throw new FormatException("The model answers a question from a text: --query \"who made it?\".");
        using var answerer = model.CreateQuestionAnswerer();
        var options = new QuestionAnswererOptions { TopK = topK, Stride = request.Stride };
        var run = Run<QuestionAnswering>(
            value => value.Answers.Select(answer => new[] { $"{Shorten(answer.Text)}  {answer.Span.Start}..{answer.Span.End}", RunText.Share(answer.Score) }),
            WriteAnswers);
        return await run.RunAsync(contexts, text => answerer.PredictAsync(new QuestionInput(question, text), options, cancellationToken));
    }

    private InputRun<T> Run<T>(Func<T, IEnumerable<string[]>> rows, Action<Utf8JsonWriter, T> members) => new(model, output)
    {
        Named = text => $"'{Shorten(text)}'",
        Shown = texts => Array.ConvertAll(texts, Shorten),
        Rows = rows,
        Members = members,
    };

    private TruncationStrategy Truncation(TruncationStrategy strategy) => request.Truncate ? strategy : TruncationStrategy.None;

    private static string Numbers(TextEmbedding embedding)
    {
        var vector = embedding.Vector;
        var shown = string.Join(' ', vector[..Math.Min(4, vector.Length)].ToArray().Select(RunText.Number));
        return string.Create(CultureInfo.InvariantCulture, $"{vector.Length} numbers: {shown} …");
    }

    private static string Similarity(EmbeddingSimilarity measure, TextEmbedding first, TextEmbedding other) =>
        ReferenceEquals(first, other) ? "" : $"{RunText.Number(VectorSimilarity.Compare(measure, first.Vector.Span, other.Vector.Span))} to the first";

    private static void WriteVector(Utf8JsonWriter json, TextEmbedding embedding)
    {
        json.WriteStartArray("vector");
        foreach (var number in embedding.Vector.Span)
        {
            json.WriteNumberValue(number);
        }

        json.WriteEndArray();
    }

    private static void WriteEntities(Utf8JsonWriter json, TokenClassification value)
    {
        json.WriteStartArray("entities");
        foreach (var entity in value.Entities)
        {
            json.WriteStartObject();
            json.WriteString("label", entity.Label);
            RunText.WriteNumber(json, "score", entity.Score);
            json.WriteString("word", entity.Word);
            WriteSpan(json, entity.Span);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteDocuments(Utf8JsonWriter json, Reranking value, IReadOnlyList<string> documents)
    {
        json.WriteStartArray("documents");
        foreach (var document in value.Documents)
        {
            json.WriteStartObject();
            json.WriteNumber("index", document.Index);
            RunText.WriteNumber(json, "score", document.Score);
            json.WriteString("text", documents[document.Index]);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteAnswers(Utf8JsonWriter json, QuestionAnswering value)
    {
        json.WriteStartArray("answers");
        foreach (var answer in value.Answers)
        {
            json.WriteStartObject();
            json.WriteString("text", answer.Text);
            RunText.WriteNumber(json, "score", answer.Score);
            WriteSpan(json, answer.Span);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteSpan(Utf8JsonWriter json, TextSpan span)
    {
        json.WriteNumber("start", span.Start);
        json.WriteNumber("end", span.End);
    }

    private static string Shorten(string text)
    {
        var line = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
        if (line.Length <= ShownLength)
        {
            return line;
        }

        // Not through the middle of a character.
        var end = char.IsHighSurrogate(line[ShownLength - 2]) ? ShownLength - 2 : ShownLength - 1;
        return line[..end] + "…";
    }
}
