using Coffer.Inference;

namespace Coffer.Text;

/// <summary>Keys or values of a layer: <c>[batch, heads, tokens, head size]</c>.</summary>
/// <param name="Input">The name under which a run takes them: <c>past_key_values.0.key</c>.</param>
/// <param name="Output">The name under which a run gives them: <c>present.0.key</c>.</param>
/// <param name="ElementType">Of keys and values.</param>
/// <param name="Heads">Those of keys and values, of which several heads of queries may share one.</param>
/// <param name="HeadSize">Elements of a head.</param>
/// <param name="OfEncoder">Whether they are over the encoder's output: the same for the whole text.</param>
internal sealed record CacheTensor(string Input, string Output, ElementType ElementType, int Heads, int HeadSize, bool OfEncoder)
{
    /// <summary>Bytes of a token.</summary>
    public long BytesPerToken => (long)Heads * HeadSize * ElementTypes.SizeOf(ElementType);
}
