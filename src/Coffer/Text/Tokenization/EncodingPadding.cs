namespace Coffer.Text;

/// <summary>Fills encodings up to one length.</summary>
internal sealed class EncodingPadding(Tokenizer tokenizer, EncodeOptions options, TokenSide defaultSide)
{
    public TextEncoding[] Pad(TextEncoding[] batch)
    {
        if (batch.Length == 0)
        {
            return batch;
        }

        var id = tokenizer.SpecialTokens.Padding ?? throw new TokenizerException(TokenizerError.InvalidOptions, "The tokenizer has no padding token (pad_token). Encode without padding, or name one in tokenizer_config.json.");
        var length = options.Padding == PaddingStrategy.MaxLength
            ? options.MaxLength ?? tokenizer.ModelMaxLength ?? throw new TokenizerException(TokenizerError.InvalidOptions, "Padding to a length needs EncodeOptions.MaxLength: the model's files name none.")
            : batch.Max(e => e.Overflowing.Select(o => o.Count).Append(e.Count).Max());
        var rounded = ((length - 1) / options.PadToMultipleOf * options.PadToMultipleOf) + options.PadToMultipleOf;
        return [.. batch.Select(e => Pad(e, id, length == 0 ? 0 : rounded))];
    }

    private TextEncoding Pad(TextEncoding encoding, int id, int length) => PadAlone(encoding, id, length) with
    {
        Overflowing = [.. encoding.Overflowing.Select(o => PadAlone(o, id, length))],
    };

    private TextEncoding PadAlone(TextEncoding encoding, int id, int length)
    {
        var missing = length - encoding.Count;
        if (missing <= 0)
        {
            return encoding;
        }

        var rows = new EncodingRows(length);
        var token = tokenizer.IdToToken(id)!;
        var isLeft = (options.PaddingSide ?? defaultSide) == TokenSide.Left;
        for (var i = 0; isLeft && i < missing; i++)
        {
            rows.AddPadding(id, token);
        }

        rows.Add(encoding);
        for (var i = 0; !isLeft && i < missing; i++)
        {
            rows.AddPadding(id, token);
        }

        return rows.ToEncoding();
    }
}
