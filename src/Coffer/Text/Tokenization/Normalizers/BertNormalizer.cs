namespace Coffer.Text;

/// <summary>BERT's own: control characters out, spaces around Chinese characters, lower case, accents off.</summary>
internal sealed class BertNormalizer(bool cleanText, bool spaceChinese, bool lowercase, bool stripAccents) : Normalizer
{
    public override void Normalize(TokenizerWorkspace workspace)
    {
        if (cleanText || spaceChinese)
        {
            Clean(workspace);
        }

        if (lowercase)
        {
            LowercaseNormalizer.Instance.Normalize(workspace);
        }

        if (stripAccents)
        {
            UnicodeNormalizer.Decomposing.Normalize(workspace);
            RemovingNormalizer.NonspacingMarks.Normalize(workspace);
        }
    }

    private void Clean(TokenizerWorkspace workspace)
    {
        var input = workspace.Text;
        if (!input.Text.ContainsAnyExceptInRange(' ', '~'))
        {
            return;
        }

        var output = workspace.BeginText();
        for (var i = 0; i < input.Length;)
        {
            var codePoint = input.CodePointAt(i, out var units);
            var (start, end) = (input.Starts[i], input.Ends[i + units - 1]);
            if (codePoint is >= ' ' and <= '~')
            {
                output.Append((char)codePoint, start, end);
            }
            else if (cleanText && IsDropped(codePoint))
            {
            }
            else if (cleanText && CodePointClass.IsWhiteSpace(codePoint))
            {
                output.Append(' ', start, end);
            }
            else if (spaceChinese && IsChinese(codePoint))
            {
                output.Append(' ', start, end);
                output.Append(codePoint, start, end);
                output.Append(' ', start, end);
            }
            else
            {
                output.Append(input, i, i + units);
            }

            i += units;
        }

        workspace.CommitText();
    }

    private static bool IsDropped(int codePoint) => codePoint switch
    {
        '\t' or '\n' or '\r' => false,
        0xFFFD => true,
        _ => CodePointClass.IsOther(codePoint),
    };

    // CJK ideographs of the Basic Multilingual Plane, as transformers.js has it. The Rust code also puts spaces around those beyond (U+20000 and up),
    // so that each is a word, and with BERT's own vocabularies an [UNK], of its own.
    private static bool IsChinese(int codePoint) => codePoint is >= 0x4E00 and <= 0x9FFF or >= 0x3400 and <= 0x4DBF or >= 0xF900 and <= 0xFAFF;
}
