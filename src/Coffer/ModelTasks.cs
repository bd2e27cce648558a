namespace Coffer;

/// <summary>The names of tasks, Hugging Face's where one exists: what a manifest's <c>task</c> and a license's <c>tasks</c> hold.</summary>
public static class ModelTasks
{
    /// <summary>What a picture shows: <see cref="Vision.ImageClassifier"/>.</summary>
    public const string ImageClassification = "image-classification";

    /// <summary>What a text is about, or how it is meant: <see cref="Text.TextClassifier"/>.</summary>
    public const string TextClassification = "text-classification";

    /// <summary>Continues a text: <see cref="Text.TextGenerator"/>.</summary>
    public const string TextGeneration = "text-generation";

    /// <summary>Says a text in another language: <see cref="Text.Translator"/>.</summary>
    public const string Translation = "translation";

    /// <summary>Says shortly what a text says: <see cref="Text.Summarizer"/>.</summary>
    public const string Summarization = "summarization";

    /// <summary>Which tokens of a text name what: <see cref="Text.TokenClassifier"/>.</summary>
    public const string TokenClassification = "token-classification";

    /// <summary>A text as a vector: <see cref="Text.TextEmbedder"/>.</summary>
    public const string FeatureExtraction = "feature-extraction";

    /// <summary>How well documents answer a query: <see cref="Text.Reranker"/>.</summary>
    public const string TextRanking = "text-ranking";

    /// <summary>Which of the caller's labels fit a text: <see cref="Text.ZeroShotClassifier"/>.</summary>
    public const string ZeroShotClassification = "zero-shot-classification";

    /// <summary>Where in a text the answer to a question is: <see cref="Text.QuestionAnswerer"/>.</summary>
    public const string QuestionAnswering = "question-answering";

    /// <summary>Named tensors in and out, without a predictor of its own: <see cref="Coffer.Tensors.TensorPredictor"/>.</summary>
    public const string Tensors = "tensors";

    /// <summary>The tasks that this version has a predictor for.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        ImageClassification, TextClassification,
        TokenClassification, FeatureExtraction, TextRanking, ZeroShotClassification, QuestionAnswering,
        TextGeneration, Translation, Summarization,
        Tensors,
    ];
}
