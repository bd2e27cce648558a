namespace Coffer.Text;

/// <summary>Encodes one text or pair: tokens, truncation, template.</summary>
internal sealed class EncodingBuilder(TokenizerPipeline pipeline, Tokenizer tokenizer, EncodeOptions options, TokenizerSettings settings)
{
    public static TokenizerException TooLong(int count, int limit, string remedy) =>
        new(TokenizerError.TextTooLong, $"The text has {count} tokens, {count - limit} more than the limit of {limit}. {remedy}");

    public TextEncoding Encode(string first, string? second)
    {
        CheckOptions();
        var a = Tokenize(first);
        var b = second is null ? [] : Tokenize(second);
        var isPair = second is not null;
        var limit = options.MaxLength ?? (options.Truncation == TruncationStrategy.None ? null : tokenizer.ModelMaxLength);
        var added = options.AddSpecialTokens ? pipeline.Template.AddedCount(isPair) : 0;
        if (limit is not { } maximum || a.Length + b.Length + added <= maximum)
        {
            return new TemplateWriter(pipeline, tokenizer, options.AddSpecialTokens, first, second).Write(a, b, isPair);
        }

        var (lengthA, lengthB) = Truncate(a.Length, b.Length, maximum, added);
        return WriteWindows(a, b, new(pipeline, tokenizer, options.AddSpecialTokens, first, second), isPair, lengthA, lengthB);
    }

    private void CheckOptions()
    {
        if (options.MaxLength is < 0 || options.Stride < 0 || options.PadToMultipleOf < 1)
        {
            throw new TokenizerException(TokenizerError.InvalidOptions, $"MaxLength ({options.MaxLength}) and Stride ({options.Stride}) must not be negative, and PadToMultipleOf ({options.PadToMultipleOf}) must be at least 1.");
        }
    }

    private EncodedToken[] Tokenize(string text)
    {
        var workspace = pipeline.Rent();
        pipeline.Run(text, workspace);
        var tokens = workspace.Tokens.Items.ToArray();
        pipeline.Return(workspace);
        return tokens;
    }

    private (int First, int Second) Truncate(int first, int second, int maximum, int added)
    {
        var room = maximum - added;
        var excess = first + second - room;
        if (room < 0)
        {
            throw new TokenizerException(TokenizerError.InvalidOptions, $"The tokenizer adds {added} special tokens, more than MaxLength ({maximum}). Raise it.");
        }

        return options.Truncation switch
        {
            TruncationStrategy.LongestFirst => LongestFirst(first, second, room),
            TruncationStrategy.OnlyFirst when first > excess => (first - excess, second),
            TruncationStrategy.OnlySecond when second > excess => (first, second - excess),
            TruncationStrategy.None => throw TooLong(first + second + added, maximum, "Shorten it, or set EncodeOptions.Truncation."),
            _ => throw TooLong(first + second + added, maximum, $"{options.Truncation} can't take that many; shorten the text, or use LongestFirst."),
        };
    }

    // As tokenizers' truncate_encodings.
    private static (int First, int Second) LongestFirst(int first, int second, int room)
    {
        var (less, more) = (Math.Min(first, second), Math.Max(first, second));
        more = less > room ? less : Math.Max(less, room - less);
        if (less + more > room)
        {
            less = room / 2;
            more = less + (room % 2);
        }

        return first > second ? (more, less) : (less, more);
    }

    private TextEncoding WriteWindows(EncodedToken[] a, EncodedToken[] b, TemplateWriter writer, bool isPair, int lengthA, int lengthB)
    {
        var side = options.TruncationSide ?? settings.TruncationSide;
        if (options.Stride > 0 && ((a.Length > lengthA && options.Stride >= lengthA) || (b.Length > lengthB && options.Stride >= lengthB)))
        {
            throw new TokenizerException(TokenizerError.InvalidOptions, $"Stride ({options.Stride}) must be less than the {(a.Length > lengthA ? lengthA : lengthB)} tokens of text that fit. Lower it, or raise MaxLength.");
        }

        var encodings = new List<TextEncoding>();
        foreach (var windowA in TokenWindow.Split(a.Length, lengthA, options.Stride, side))
        {
            foreach (var windowB in TokenWindow.Split(b.Length, lengthB, options.Stride, side))
            {
                encodings.Add(writer.Write(a.AsSpan(windowA.Start..windowA.End), b.AsSpan(windowB.Start..windowB.End), isPair));
            }
        }

        return encodings[0] with { Overflowing = encodings[1..] };
    }
}
