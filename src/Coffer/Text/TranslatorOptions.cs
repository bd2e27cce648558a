namespace Coffer.Text;

/// <summary>How <see cref="Translator"/> generates. Immutable; change a copy with <c>with</c>.</summary>
public sealed record TranslatorOptions : GenerationOptions
{
    internal static TranslatorOptions Default { get; } = new();

    /// <summary>
    /// The language of the text, as the model's files name it: <c>en</c>, <c>eng_Latn</c>. Default null: the one that the model's tokenizer
    /// assumes. A model of one pair needs none.
    /// </summary>
    public string? SourceLanguage { get; init; }

    /// <summary>The language of the translation, as the model's files name it. Default null: the model's only one.</summary>
    public string? TargetLanguage { get; init; }

    /// <summary>What gives way where a text has more tokens than the model takes. Default: nothing; such a text is an error that says by how much.</summary>
    public TruncationStrategy Truncation { get; init; }

    internal override void Validate()
    {
        base.Validate();
        RequireTruncation(Truncation);
    }
}
