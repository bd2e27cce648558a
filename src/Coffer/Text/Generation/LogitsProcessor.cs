namespace Coffer.Text;

/// <summary>
/// Changes a model's scores before the next token is chosen: a constraint, a bias, a penalty of one's own. Runs after the built-in
/// processors and before temperature, top-k, top-p and min-p, as transformers' <c>logits_processor</c> argument does.
/// </summary>
/// <remarks>
/// An instance in options serves many generations at once and must be thread-safe; <see cref="Begin"/> gives a generation an instance of its
/// own where one needs a state.
/// </remarks>
public abstract class LogitsProcessor
{
    /// <summary>Before the first token of a generation: what processes it.</summary>
    /// <param name="context">The model's vocabulary.</param>
    /// <returns>This instance where it keeps no state; else one that only this generation uses, on one thread at a time.</returns>
    public virtual LogitsProcessor Begin(LogitsProcessorContext context) => this;

    /// <summary>Changes the scores of the next token.</summary>
    /// <param name="ids">
    /// The tokens so far, the prompt's first. In a beam search it is called for each beam, with the beam's own tokens: a state must not rely on
    /// the tokens of the call before, only on these.
    /// </param>
    /// <param name="promptLength">How many of <paramref name="ids"/> are the prompt's.</param>
    /// <param name="logits">
    /// A score for each token of the model's output, by its number; may be longer than the tokenizer's vocabulary. Logits, or in a beam search
    /// log-probabilities. <see cref="float.NegativeInfinity"/> forbids a token; where all are forbidden the generation fails.
    /// </param>
    public abstract void Process(ReadOnlySpan<int> ids, int promptLength, Span<float> logits);
}
