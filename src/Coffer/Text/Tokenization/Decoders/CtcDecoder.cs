namespace Coffer.Text;

/// <summary>Connectionist temporal classification: repeated tokens are one, padding separates, a delimiter is a space.</summary>
internal sealed class CtcDecoder(string padding, string delimiter, bool cleanUp) : TokenDecoder
{
    public override void Decode(List<string> parts)
    {
        var output = new List<string>();
        string? last = null;
        foreach (var part in parts)
        {
            if (part != last && part != padding)
            {
                output.Add(cleanUp && delimiter.Length > 0 ? TextCleanUp.Apply(part).Replace(delimiter, " ", StringComparison.Ordinal) : part);
            }

            last = part;
        }

        parts.Clear();
        parts.AddRange(output);
    }
}
