namespace Coffer.Text;

/// <summary>Puts special tokens around the tokens of one text or two.</summary>
internal sealed class TemplateWriter(TokenizerPipeline pipeline, Tokenizer tokenizer, bool addSpecialTokens, string firstText, string? secondText)
{
    public TextEncoding Write(ReadOnlySpan<EncodedToken> first, ReadOnlySpan<EncodedToken> second, bool isPair)
    {
        var template = pipeline.Template;
        var count = 0;
        foreach (ref readonly var item in template.For(isPair))
        {
            // A template may name a text twice, or never.
            count += item.TokenId >= 0 ? (addSpecialTokens ? 1 : 0) : item.Sequence == 0 ? first.Length : second.Length;
        }

        var rows = new EncodingRows(count);
        foreach (ref readonly var item in template.For(isPair))
        {
            if (item.TokenId >= 0)
            {
                if (addSpecialTokens)
                {
                    rows.AddSpecial(item.TokenId, tokenizer.IdToToken(item.TokenId) ?? string.Empty, item.TypeId);
                }

                continue;
            }

            foreach (ref readonly var token in item.Sequence == 0 ? first : second)
            {
                var text = NameOf(token, item.Sequence == 0 ? firstText : secondText!);
                rows.Add(token, text, template.TrimsOffsets ? Trim(token, text) : new(token.Start, token.End), item);
            }
        }

        return rows.ToEncoding();
    }

    private string NameOf(in EncodedToken token, string text) =>
        token.Id == pipeline.Model.UnknownId && pipeline.Model.NamesUnknownByText ? text[token.Start..token.End] : tokenizer.IdToToken(token.Id) ?? string.Empty;

    // As tokenizers' byte-level process_offsets: the spaces that a token carries are not part of its word.
    private static TextSpan Trim(in EncodedToken token, string text)
    {
        var space = ByteAlphabet.CharacterOf((byte)' ');
        var leading = 0;
        while (leading < text.Length && (text[leading] == space || CodePointClass.IsWhiteSpace(text[leading])))
        {
            leading++;
        }

        var trailing = 0;
        while (trailing < text.Length && (text[^(trailing + 1)] == space || CodePointClass.IsWhiteSpace(text[^(trailing + 1)])))
        {
            trailing++;
        }

        // A prefix space that the tokenizer itself added has no unit in the text.
        if (leading > 0 && token.End - token.Start < text.Length && token.Start == 0)
        {
            leading--;
        }

        var start = Math.Min(token.Start + leading, token.End);
        return new(start, Math.Max(start, token.End - trailing));
    }
}
