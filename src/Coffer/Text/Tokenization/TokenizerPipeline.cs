namespace Coffer.Text;

/// <summary>The way of a text: added tokens, normalizer, pre-tokenizer, model.</summary>
internal sealed class TokenizerPipeline
{
    private readonly Normalizer? _normalizer;
    private readonly PreTokenizer? _preTokenizer;

    // One a processor; a call that finds none makes one.
    private readonly TokenizerWorkspace?[] _idle = new TokenizerWorkspace?[Environment.ProcessorCount];

    public TokenizerPipeline(TokenizerParts parts, TokenizerSettings settings)
    {
        Model = parts.Model;
        Template = parts.Template;
        Decoder = parts.Decoder;
        _normalizer = parts.Normalizer;
        _preTokenizer = parts.PreTokenizer;
        var known = parts.AddedTokens.Select(t => t.Content).ToHashSet(StringComparer.Ordinal);
        Added = new([.. parts.AddedTokens, .. settings.AddedTokens.Where(t => !known.Contains(t.Content))], Normalize);
    }

    public TokenModel Model { get; }

    public SequenceTemplate Template { get; }

    public TokenDecoder? Decoder { get; }

    public AddedVocabulary Added { get; }

    public TokenizerWorkspace Rent()
    {
        for (var i = 0; i < _idle.Length; i++)
        {
            if (_idle[i] is not null && Interlocked.Exchange(ref _idle[i], null) is { } workspace)
            {
                return workspace;
            }
        }

        return new();
    }

    public void Return(TokenizerWorkspace workspace)
    {
        for (var i = 0; i < _idle.Length; i++)
        {
            if (_idle[i] is null && Interlocked.CompareExchange(ref _idle[i], workspace, null) is null)
            {
                return;
            }
        }
    }

    /// <summary>Leaves the text's tokens, without special ones around it, in <see cref="TokenizerWorkspace.Tokens"/>.</summary>
    public void Run(ReadOnlySpan<char> text, TokenizerWorkspace workspace)
    {
        workspace.Tokens.Clear();
        workspace.NextWord = 0;
        var original = workspace.Original;
        original.Load(text, 0);
        var sections = workspace.Sections;
        sections.Clear();
        if (Added.Verbatim.IsEmpty)
        {
            sections.Add(new(0, original.Length));
        }
        else
        {
            Added.Verbatim.Split(original.Text, 0, original.Length, sections);
        }

        foreach (var section in sections.Items)
        {
            if (section.IsToken)
            {
                workspace.Tokens.Add(new(section.TokenId, section.Start, section.End, workspace.NextWord++));
            }
            else if (section.Length > 0)
            {
                RunSection(section, workspace);
            }
        }
    }

    private void RunSection(TextPiece section, TokenizerWorkspace workspace)
    {
        var text = workspace.BeginText();
        text.Append(workspace.Original, section.Start, section.End);
        workspace.CommitText();
        _normalizer?.Normalize(workspace);
        if (workspace.Text.Length == 0)
        {
            return;
        }

        var pieces = workspace.BeginPieces();
        if (Added.Normalized.IsEmpty)
        {
            pieces.Add(new(0, workspace.Text.Length));
        }
        else
        {
            Added.Normalized.Split(workspace.Text.Text, 0, workspace.Text.Length, pieces);
        }

        workspace.CommitPieces();
        _preTokenizer?.Split(workspace);
        foreach (var piece in workspace.Pieces.Items)
        {
            RunPiece(piece, workspace);
        }
    }

    private void RunPiece(TextPiece piece, TokenizerWorkspace workspace)
    {
        if (piece.Length == 0)
        {
            return;
        }

        var text = workspace.Text;
        var word = workspace.NextWord++;
        if (piece.IsToken)
        {
            workspace.Tokens.Add(new(piece.TokenId, text.Starts[piece.Start], text.Ends[piece.End - 1], word));
            return;
        }

        foreach (ref readonly var token in Tokenize(text.Text[piece.Start..piece.End], workspace.Scratch))
        {
            workspace.Tokens.Add(new(token.Id, text.Starts[piece.Start + token.Start], text.Ends[piece.Start + token.End - 1], word));
        }
    }

    private ReadOnlySpan<ModelToken> Tokenize(ReadOnlySpan<char> piece, ModelScratch scratch)
    {
        var place = PieceCache.PlaceOf(piece);
        if (place >= 0 && scratch.Cache.TryGet(place, piece, out var known))
        {
            return known;
        }

        scratch.Output.Clear();
        Model.Tokenize(piece, scratch);
        var tokens = scratch.Output.Items;
        if (place >= 0)
        {
            scratch.Cache.Put(place, piece, tokens);
        }

        return tokens;
    }

    private string Normalize(string text)
    {
        if (_normalizer is null)
        {
            return text;
        }

        var workspace = Rent();
        workspace.BeginText().Load(text, 0);
        workspace.CommitText();
        _normalizer.Normalize(workspace);
        var normalized = workspace.Text.Text.ToString();
        Return(workspace);
        return normalized;
    }
}
