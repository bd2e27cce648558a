namespace Coffer.Text;

/// <summary>The columns of an encoding while it is written.</summary>
internal sealed class EncodingRows(int count)
{
    private readonly int[] _ids = new int[count];
    private readonly int[] _types = new int[count];
    private readonly int[] _attention = new int[count];
    private readonly int[] _special = new int[count];
    private readonly int[] _words = new int[count];
    private readonly int[] _sequences = new int[count];
    private readonly TextSpan[] _offsets = new TextSpan[count];
    private readonly string[] _tokens = new string[count];
    private int _next;

    public void Add(in EncodedToken token, string text, TextSpan span, TemplateItem item)
    {
        Set(token.Id, text, item.TypeId, attention: 1, special: 0);
        _offsets[_next] = span;
        _words[_next] = token.Word;
        _sequences[_next++] = item.Sequence;
    }

    public void AddSpecial(int id, string text, int typeId)
    {
        Set(id, text, typeId, attention: 1, special: 1);
        SetNoText();
    }

    public void AddPadding(int id, string text)
    {
        Set(id, text, typeId: 0, attention: 0, special: 1);
        SetNoText();
    }

    /// <summary>Rows of another encoding.</summary>
    public void Add(TextEncoding encoding)
    {
        encoding.Ids.CopyTo(_ids.AsMemory(_next));
        encoding.TypeIds.CopyTo(_types.AsMemory(_next));
        encoding.AttentionMask.CopyTo(_attention.AsMemory(_next));
        encoding.SpecialTokensMask.CopyTo(_special.AsMemory(_next));
        encoding.WordIds.CopyTo(_words.AsMemory(_next));
        encoding.SequenceIds.CopyTo(_sequences.AsMemory(_next));
        encoding.Offsets.CopyTo(_offsets.AsMemory(_next));
        foreach (var token in encoding.Tokens)
        {
            _tokens[_next++] = token;
        }
    }

    public TextEncoding ToEncoding() => new()
    {
        Ids = _ids,
        TypeIds = _types,
        AttentionMask = _attention,
        SpecialTokensMask = _special,
        Tokens = _tokens,
        Offsets = _offsets,
        WordIds = _words,
        SequenceIds = _sequences,
    };

    private void Set(int id, string text, int typeId, int attention, int special)
    {
        _ids[_next] = id;
        _tokens[_next] = text;
        _types[_next] = typeId;
        _attention[_next] = attention;
        _special[_next] = special;
    }

    private void SetNoText()
    {
        _words[_next] = TextEncoding.NotFromText;
        _sequences[_next++] = TextEncoding.NotFromText;
    }
}
