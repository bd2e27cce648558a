namespace Coffer.Text;

/// <summary>What a <see cref="LogitsProcessor"/> may need to know about the model.</summary>
/// <param name="Tokenizer">The model's.</param>
/// <param name="EndOfSequence">The tokens that end a generation; may be empty.</param>
/// <param name="VocabularySize">How many scores the model gives: the length of the logits.</param>
public sealed record LogitsProcessorContext(Tokenizer Tokenizer, IReadOnlyList<int> EndOfSequence, int VocabularySize);
