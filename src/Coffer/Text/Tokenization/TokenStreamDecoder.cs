using System.Runtime.InteropServices;

namespace Coffer.Text;

/// <summary>
/// Turns tokens into text one by one. Text comes out only when it is final: never half a character, and no space that a later token would
/// remove. Not thread-safe.
/// </summary>
public sealed class TokenStreamDecoder
{
    // A character has at most four bytes; what is not whole after that many tokens never will be.
    private const int MaxPendingTokens = 16;

    private static readonly string[] CleanedUp = [" .", " ?", " !", " ,", " ' ", " n't", " 'm", " 's", " 've", " 're"];

    private readonly Tokenizer _tokenizer;
    private readonly bool _skipSpecialTokens;
    private readonly bool _cleansUp;
    private readonly List<int> _ids = [];
    private string _held = string.Empty;
    private int _known;

    internal TokenStreamDecoder(Tokenizer tokenizer, bool skipSpecialTokens, bool cleansUp) =>
        (_tokenizer, _skipSpecialTokens, _cleansUp) = (tokenizer, skipSpecialTokens, cleansUp);

    /// <summary>Takes the next token.</summary>
    /// <returns>The text that is final now and was not given yet; may be empty.</returns>
    public string Append(int id)
    {
        if (_skipSpecialTokens && _tokenizer.IsSpecial(id))
        {
            return string.Empty;
        }

        _ids.Add(id);
        var text = NewText();
        if (text.EndsWith('\uFFFD') && _ids.Count - _known < MaxPendingTokens)
        {
            return string.Empty;
        }

        // The tokens before stay as context: decoders treat the first token differently.
        _ids.RemoveRange(0, _known);
        _known = _ids.Count;
        return _cleansUp ? CleanUp(text) : text;
    }

    /// <summary>Ends the text.</summary>
    /// <returns>What was still held back.</returns>
    public string Complete()
    {
        var text = NewText();
        _ids.Clear();
        _known = 0;
        text = _cleansUp ? TextCleanUp.Apply(_held + text) : text;
        _held = string.Empty;
        return text;
    }

    /// <summary>Before the first token: what stands before the text, so that its first token is decoded as one inside of a text.</summary>
    internal void Follow(ReadOnlySpan<int> context)
    {
        foreach (var id in context[Math.Max(0, context.Length - MaxPendingTokens)..])
        {
            if (!_skipSpecialTokens || !_tokenizer.IsSpecial(id))
            {
                _ids.Add(id);
            }
        }

        _known = _ids.Count;
    }

    private string NewText()
    {
        var ids = CollectionsMarshal.AsSpan(_ids);
        var before = _tokenizer.Join(ids[.._known], skipSpecialTokens: false);
        var all = _tokenizer.Join(ids, skipSpecialTokens: false);
        return all.Length > before.Length ? all[before.Length..] : string.Empty;
    }

    private string CleanUp(string text)
    {
        text = _held + text;
        var last = text.LastIndexOf(' ');
        var space = last;

        // One removal can make the next one possible: "  ' s" is "'s" in the end.
        while (space > 0 && text.LastIndexOf(' ', space - 1) is var before and >= 0 && text[(before + 1)..space] is "" or "'" or "n")
        {
            space = before;
        }

        var keep = space < last || (space >= 0 && MayBeginPattern(text.AsSpan(space))) ? space : text.Length;
        _held = text[keep..];
        return TextCleanUp.Apply(text[..keep]);
    }

    private static bool MayBeginPattern(ReadOnlySpan<char> tail)
    {
        foreach (var pattern in CleanedUp)
        {
            if (pattern.Length > tail.Length ? pattern.AsSpan().StartsWith(tail, StringComparison.Ordinal) : tail.StartsWith(pattern, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
