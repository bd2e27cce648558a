using Coffer.Text.Constraints;

namespace Coffer.Text;

/// <summary>
/// Lets a model generate only texts of a language: before each token, those that would lead out of it get no score. Where the text may end, the
/// model's end-of-sequence tokens are allowed, and nothing else ends it; generation stopped early by a limit leaves a beginning.
/// </summary>
/// <remarks>
/// Give it to <c>TextGeneratorOptions.LogitsProcessors</c>. An instance is made once and serves any number of generations and threads; what it learns about its language is kept and shared.
/// The tokens' bytes count as they stand after other tokens: where a tokenizer drops a space at the very start of a text, that space counts too.
/// </remarks>
public abstract class OutputConstraint : LogitsProcessor
{
    private readonly Lock _lock = new();
    private readonly ByteAutomaton _automaton;

    private protected OutputConstraint(ByteNetwork network, int maxDepth) => _automaton = new(network, maxDepth);

    /// <inheritdoc/>
    public override LogitsProcessor Begin(LogitsProcessorContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new ConstrainedGeneration(this, context);
    }

    /// <summary>Not called: every generation has its own processor from <see cref="Begin"/>.</summary>
    /// <param name="ids">The tokens so far.</param>
    /// <param name="promptLength">How many are the prompt's.</param>
    /// <param name="logits">The scores.</param>
    /// <exception cref="InvalidOperationException">Always.</exception>
    public sealed override void Process(ReadOnlySpan<int> ids, int promptLength, Span<float> logits) =>
        throw new InvalidOperationException("A constraint works through LogitsProcessor.Begin: call it once per generation, and its result's Process.");

    internal AutomatonState Start => _automaton.Start;

    /// <summary>The state after a token, or null where it can't follow.</summary>
    internal AutomatonState? Step(AutomatonState from, byte[] token)
    {
        lock (_lock)
        {
            AutomatonState? state = from;
            for (var i = 0; i < token.Length && state is not null; i++)
            {
                state = _automaton.Step(state, token[i]);
            }

            return state;
        }
    }

    /// <summary>Which tokens can follow.</summary>
    internal ulong[] Allowed(AutomatonState state, TokenBytes tokens)
    {
        lock (_lock)
        {
            if (state.Mask is { } known && ReferenceEquals(known.Vocabulary, tokens))
            {
                return known.Bits;
            }

            var bits = tokens.Allowed(_automaton, state);
            state.Mask = new(tokens, bits);
            return bits;
        }
    }
}
