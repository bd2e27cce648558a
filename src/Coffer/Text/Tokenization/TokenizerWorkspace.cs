namespace Coffer.Text;

/// <summary>What one call needs while it runs. Used by one thread at a time, and kept for the next call, so that a warm call allocates nothing.</summary>
internal sealed class TokenizerWorkspace
{
    private TextBuffer _spareText = new();
    private GrowingList<TextPiece> _sparePieces = new();

    public TextBuffer Original { get; } = new();

    public TextBuffer Text { get; private set; } = new();

    public GrowingList<TextPiece> Pieces { get; private set; } = new();

    public GrowingList<TextPiece> Sections { get; } = new();

    public GrowingList<EncodedToken> Tokens { get; } = new();

    public GrowingList<CodePointOrigin> CodePoints { get; } = new();

    /// <summary>The number of the next word of the text.</summary>
    public int NextWord { get; set; }

    public ModelScratch Scratch { get; } = new();

    /// <summary>An empty buffer to write the text's next form to; <see cref="CommitText"/> makes it the text.</summary>
    public TextBuffer BeginText()
    {
        _spareText.Clear();
        return _spareText;
    }

    public void CommitText() => (Text, _spareText) = (_spareText, Text);

    /// <summary>An empty list for the next pieces; <see cref="CommitPieces"/> makes it the list.</summary>
    public GrowingList<TextPiece> BeginPieces()
    {
        _sparePieces.Clear();
        return _sparePieces;
    }

    public void CommitPieces() => (Pieces, _sparePieces) = (_sparePieces, Pieces);
}
