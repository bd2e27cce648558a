using System.Diagnostics.CodeAnalysis;

namespace Coffer.Text;

/// <summary>Tokens and their numbers.</summary>
internal sealed class Vocabulary
{
    // Numbers that files give; a token beyond this is an error and no allocation.
    private const int MaxId = 16 << 20;

    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private string?[] _tokens;

    public Vocabulary(int capacity = 0)
    {
        _ids = new(capacity, StringComparer.Ordinal);
        _lookup = _ids.GetAlternateLookup<ReadOnlySpan<char>>();
        _tokens = new string?[capacity];
    }

    /// <summary>One more than the greatest number.</summary>
    public int Size { get; private set; }

    public int Count => _ids.Count;

    /// <summary>Names a token; a later one of the same text or number wins, as in the files' own readers.</summary>
    /// <exception cref="TokenizerException">The number is out of range (<see cref="TokenizerError.Malformed"/>).</exception>
    public void Set(string token, int id)
    {
        if (id is < 0 or >= MaxId)
        {
            throw new TokenizerException(TokenizerError.Malformed, $"The tokenizer gives the token '{TokenizerJson.Quote(token)}' the number {id}, which is not in 0..{MaxId - 1}. Correct the file.");
        }

        if (id >= _tokens.Length)
        {
            Array.Resize(ref _tokens, Math.Max(id + 1, _tokens.Length * 2));
        }

        _tokens[id] = token;
        _ids[token] = id;
        Size = Math.Max(Size, id + 1);
    }

    public bool TryGetId(ReadOnlySpan<char> token, out int id) => _lookup.TryGetValue(token, out id);

    public bool TryGetToken(int id, [NotNullWhen(true)] out string? token)
    {
        token = (uint)id < (uint)Size ? _tokens[id] : null;
        return token is not null;
    }
}
