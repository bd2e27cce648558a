namespace Coffer.Text;

/// <summary>
/// Cuts where the script changes, as tokenizers' UnicodeScripts does: Hiragana, Katakana and the long-vowel mark count as Han; a space, and what has no
/// script, goes with what stands before it. What stands before a text's first script is dropped, as there.
/// </summary>
internal sealed class ScriptPreTokenizer : SplittingPreTokenizer
{
    private const int LongVowelMark = 0x30FC;

    private readonly CodePointMap _scripts = ScriptData.Instance.Scripts;
    private readonly int _han = Find("Han");
    private readonly int _hiragana = Find("Hiragana");
    private readonly int _katakana = Find("Katakana");

    protected override void Split(ReadOnlySpan<char> text, TextPiece piece, GrowingList<TextPiece> output)
    {
        var (last, start) = (0, piece.End);
        for (var i = piece.Start; i < piece.End;)
        {
            var script = ScriptOf(CodePointAt(text, i, out var units));
            if (script != 0 && script != last)
            {
                if (start < i)
                {
                    output.Add(new(start, i));
                }

                (last, start) = (script, i);
            }

            i += units;
        }

        if (start < piece.End)
        {
            output.Add(new(start, piece.End));
        }
    }

    private static int Find(string name) => ScriptData.Instance.TryFind(name, out var script) ? script : throw new InvalidOperationException($"Scripts.bin lacks {name}.");

    private int ScriptOf(int codePoint)
    {
        if (codePoint == ' ')
        {
            return 0;
        }

        var script = _scripts[codePoint];
        return codePoint == LongVowelMark || script == _hiragana || script == _katakana ? _han : script;
    }
}
