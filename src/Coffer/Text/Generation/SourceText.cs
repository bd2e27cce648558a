using Coffer.Inference;

namespace Coffer.Text;

/// <summary>Turns a text into what an encoder reads.</summary>
internal static class SourceText
{
    /// <summary>The text, alone.</summary>
    /// <exception cref="InputException">It is a pair (<see cref="InputError.Unsuitable"/>).</exception>
    public static string Of(TextInput input) => input.Pair is null ? input.Text : throw new InputException(InputError.Unsuitable, "A pair of texts was given; this model reads one text. Give them one by one.");

    /// <exception cref="InputException">The text is empty (<see cref="InputError.Empty"/>), or longer than the model takes (<see cref="InputError.TooLarge"/>).</exception>
    public static int[] Encode(GenerationModel model, string text, string prefix, TruncationStrategy truncation)
    {
        var limit = truncation is TruncationStrategy.None ? model.MaxPositions : Least(model.MaxPositions, model.Tokenizer.ModelMaxLength);
        try
        {
            if (string.IsNullOrWhiteSpace(text))
            {
                throw new InputException(InputError.Empty, "The text is empty. Leave out empty texts.");
            }

            var encoding = model.Tokenizer.Encode(prefix + text, new EncodeOptions { MaxLength = limit, Truncation = limit is null ? TruncationStrategy.None : truncation });
            return encoding.SequenceIds.Span.ContainsAnyExcept(TextEncoding.NotFromText)
                ? encoding.Ids.ToArray()
                : throw new InputException(InputError.Empty, "The text is empty, or has nothing that the model's tokenizer keeps. Leave out empty texts.");
        }
        catch (TokenizerException e) when (e.Error is TokenizerError.TextTooLong)
        {
            throw new InputException(InputError.TooLarge, e.Message, e);
        }
        catch (TokenizerException e) when (e.Error is TokenizerError.InvalidOptions)
        {
            throw new InputException(InputError.Unsuitable, e.Message, e);
        }
    }

    private static int? Least(int? a, int? b) => a is null || b is null ? a ?? b : Math.Min(a.Value, b.Value);
}
