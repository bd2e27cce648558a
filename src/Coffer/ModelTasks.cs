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

    /// <summary>Named tensors in and out, without a predictor of its own: <see cref="Coffer.Tensors.TensorPredictor"/>.</summary>
    public const string Tensors = "tensors";

    /// <summary>The tasks that this version has a predictor for.</summary>
    public static IReadOnlyList<string> All { get; } = [ImageClassification, TextClassification, TextGeneration, Translation, Summarization, Tensors];
}
