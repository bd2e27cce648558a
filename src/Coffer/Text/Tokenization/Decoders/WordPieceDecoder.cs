namespace Coffer.Text;

/// <summary>Joins tokens that continue a word, and puts spaces between words.</summary>
internal sealed class WordPieceDecoder(string prefix, bool cleanUp) : TokenDecoder
{
    public override void Decode(List<string> parts)
    {
        for (var i = 0; i < parts.Count; i++)
        {
            var part = parts[i];
            if (i > 0)
            {
                part = prefix.Length > 0 && part.StartsWith(prefix, StringComparison.Ordinal) ? part[prefix.Length..] : " " + part;
            }

            parts[i] = cleanUp ? TextCleanUp.Apply(part) : part;
        }
    }
}
