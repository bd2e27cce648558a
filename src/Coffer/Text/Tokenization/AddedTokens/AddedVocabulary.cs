namespace Coffer.Text;

/// <summary>The tokens that are found in the text itself, by text and by number.</summary>
internal sealed class AddedVocabulary
{
    private readonly Dictionary<string, AddedToken> _byContent = new(StringComparer.Ordinal);
    private readonly Dictionary<int, AddedToken> _byId = [];

    /// <param name="tokens">The tokens; a later one of the same text wins.</param>
    /// <param name="normalize">The tokenizer's normalizer, for tokens that are looked for in normalized text.</param>
    public AddedVocabulary(IEnumerable<AddedToken> tokens, Func<string, string> normalize)
    {
        foreach (var token in tokens)
        {
            _byContent[token.Content] = token;
            _byId[token.Id] = token;
            Size = Math.Max(Size, token.Id + 1);
        }

        Verbatim = new(_byContent.Values.Where(t => !t.IsNormalized).Select(t => (t.Content, t)));
        Normalized = new(_byContent.Values.Where(t => t.IsNormalized).Select(t => (normalize(t.Content), t)));
    }

    /// <summary>Those that are looked for in the text as it was given.</summary>
    public AddedTokenMatcher Verbatim { get; }

    /// <summary>Those that are looked for in the normalized text.</summary>
    public AddedTokenMatcher Normalized { get; }

    /// <summary>One more than the greatest number.</summary>
    public int Size { get; }

    public IEnumerable<AddedToken> Tokens => _byContent.Values;

    public AddedToken? Find(string content) => _byContent.GetValueOrDefault(content);

    public AddedToken? Find(int id) => _byId.GetValueOrDefault(id);
}
