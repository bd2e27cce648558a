using System.Runtime.InteropServices;

namespace Coffer.Text.Constraints;

/// <summary>One generation under a constraint: remembers how far it read, and reads on from there, or anew where the tokens are those of another beam.</summary>
internal sealed class ConstrainedGeneration(OutputConstraint constraint, LogitsProcessorContext context) : LogitsProcessor
{
    private readonly TokenBytes _tokens = TokenBytes.Of(context.Tokenizer);
    private readonly List<int> _read = [];
    private AutomatonState? _state = constraint.Start;

    public override void Process(ReadOnlySpan<int> ids, int promptLength, Span<float> logits)
    {
        var generated = ids[promptLength..];
        ReadOn(generated);
        if (generated.Length > 0 && context.EndOfSequence.Contains(generated[^1]))
        {
            Keep(logits, [], endsHere: true);
            return;
        }

        var state = _state ?? throw new ConstraintException(
            ConstraintError.Violated, "The generated tokens left the constraint: another setting forced or chose them. Don't combine forced tokens, or processors that allow what is forbidden, with a constraint.");
        var bits = constraint.Allowed(state, _tokens);
        var endsHere = state.IsAccepting && context.EndOfSequence.Any(id => (uint)id < (uint)context.VocabularySize);
        if (!endsHere && !bits.AsSpan().ContainsAnyExcept(0UL))
        {
            throw new ConstraintException(ConstraintError.Unsatisfiable, state.IsAccepting
                ? "The constrained text is complete, but the model has no end-of-sequence token to end it with. Set the generation's end tokens."
                : "No token of the model's vocabulary continues the constrained text. Use a constraint of characters that the tokenizer can write.");
        }

        Keep(logits, bits, endsHere);
    }

    private void Keep(Span<float> logits, ulong[] bits, bool endsHere)
    {
        for (var id = 0; id < logits.Length; id++)
        {
            var isAllowed = id >> 6 < bits.Length && (bits[id >> 6] >> (id & 63) & 1) != 0;
            if (!isAllowed && !(endsHere && context.EndOfSequence.Contains(id)))
            {
                logits[id] = float.NegativeInfinity;
            }
        }
    }

    private void ReadOn(ReadOnlySpan<int> generated)
    {
        if (!generated.StartsWith(CollectionsMarshal.AsSpan(_read)))
        {
            _read.Clear();
            _state = constraint.Start;
        }

        foreach (var id in generated[_read.Count..])
        {
            _read.Add(id);
            if (_state is not null && !context.EndOfSequence.Contains(id))
            {
                _state = _tokens[id] is { } bytes ? constraint.Step(_state, bytes) : null;
            }
        }
    }
}
