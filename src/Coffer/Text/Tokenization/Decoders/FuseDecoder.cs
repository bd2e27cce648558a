namespace Coffer.Text;

/// <summary>Joins all parts into one, for the steps that follow.</summary>
internal sealed class FuseDecoder : TokenDecoder
{
    public override void Decode(List<string> parts)
    {
        var text = string.Concat(parts);
        parts.Clear();
        parts.Add(text);
    }
}
