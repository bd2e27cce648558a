namespace Coffer.Text;

/// <summary>Decoders one after the other.</summary>
internal sealed class DecoderSequence(TokenDecoder[] decoders) : TokenDecoder
{
    public override void Decode(List<string> parts)
    {
        foreach (var decoder in decoders)
        {
            decoder.Decode(parts);
        }
    }

    public override bool Contains<T>() => decoders.Any(decoder => decoder.Contains<T>());
}
