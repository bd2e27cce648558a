using System.Numerics;
using Coffer.Inference;

namespace Coffer.Text;

/// <summary>
/// Where tokens go in a graph: which inputs, of which type, how many texts at once. Checked once, when a predictor is made.
/// </summary>
internal sealed class TextInputBinding
{
    private const string Ids = "input_ids";
    private const string Mask = "attention_mask";
    private const string Types = "token_type_ids";

    private readonly TextModelSettings _settings;
    private readonly IReadOnlyList<TensorDescription> _inputs;
    private readonly bool _masked;
    private readonly long? _fixedBatch;
    private readonly long? _fixedLength;
    private readonly long? _maxPayload;

    /// <exception cref="InferenceException">The graph is not one over tokens (<see cref="InferenceError.InvalidSettings"/>).</exception>
    public TextInputBinding(ModelSignature signature, TextModelSettings settings)
    {
        _settings = settings;
        _inputs = signature.Inputs;
        foreach (var input in _inputs)
        {
            if (input.Name is not (Ids or Mask or Types))
            {
                throw Invalid($"takes {input}, which is none of {Ids}, {Mask} and {Types}");
            }

            if (input.ElementType is not (ElementType.Int64 or ElementType.Int32))
            {
                throw Invalid($"takes {input}, which is neither int64 nor int32");
            }

            if (input.AnyRank || input.Dimensions.Count != 2)
            {
                throw Invalid($"takes {input}, which is not [batch, tokens]");
            }

            if (input.Dimensions.Any(dimension => dimension.Size is < 1 or > int.MaxValue))
            {
                throw Invalid($"takes {input}, which can't be filled");
            }

            _fixedBatch ??= input.Dimensions[0].Size;
            _fixedLength ??= input.Dimensions[1].Size;
        }

        if (_inputs.All(input => input.Name != Ids))
        {
            throw Invalid($"has no input named {Ids}");
        }

        if (_inputs.FirstOrDefault(input => !input.Dimensions[0].Allows(_fixedBatch ?? 1) || !input.Dimensions[1].Allows(_fixedLength ?? 1)) is { } odd)
        {
            throw Invalid($"takes {odd}, which is not the shape of its other inputs");
        }

        _masked = _inputs.Any(input => input.Name == Mask);
        _maxPayload = signature.Capabilities.MaxPayload;
    }

    /// <summary>The most tokens that an input may have, special ones included; null for no limit.</summary>
    /// <param name="asked">What the caller's options say; null for what the model says.</param>
    public int? MaxLength(int? asked)
    {
        var limit = asked ?? _settings.MaxLength;
        return _fixedLength is { } length ? (int)Math.Min(length, limit ?? length) : limit;
    }

    /// <summary>Turns a text into tokens.</summary>
    /// <exception cref="InputException">The text is empty or too long.</exception>
    public TextEncoding Encode(TextInput input, EncodeOptions options)
    {
        TextEncoding encoding;
        try
        {
            encoding = input.Pair is { } pair ? _settings.Tokenizer.EncodePair(input.Text, pair, options) : _settings.Tokenizer.Encode(input.Text, options);
        }
        catch (TokenizerException e) when (e.Error is TokenizerError.TextTooLong)
        {
            throw new InputException(InputError.TooLarge, e.Message, e);
        }
        catch (TokenizerException e) when (e.Error is TokenizerError.InvalidOptions)
        {
            throw new InputException(InputError.Unsuitable, e.Message, e);
        }

        // Special tokens alone are no text; a text of which truncation left nothing has overflowed.
        return encoding.SequenceIds.Span.ContainsAnyExcept(TextEncoding.NotFromText) || encoding.Overflowing.Count > 0
            ? encoding
            : throw Empty("text");
    }

    public static InputException Empty(string what) =>
        new(InputError.Empty, $"The {what} is empty, or has nothing that the model's tokenizer keeps. Leave out empty texts.");

    /// <summary>
    /// Puts inputs of about the same length together, so that little is padded: the places of the inputs, a list a run. A graph without
    /// a mask can't tell padding from text, so it gets only inputs of one length.
    /// </summary>
    public List<int[]> Plan(ReadOnlySpan<TextEncoding> encodings, int batchSize)
    {
        var lengths = new int[encodings.Length];
        for (var i = 0; i < lengths.Length; i++)
        {
            lengths[i] = encodings[i].Count;
        }

        var order = Enumerable.Range(0, lengths.Length).OrderBy(place => lengths[place]).ToArray();
        var runs = new List<int[]>();
        for (var first = 0; first < order.Length;)
        {
            var last = first + 1;
            while (last < order.Length && last - first < Limit(lengths[order[last]], batchSize) && (_masked || _fixedLength is not null || lengths[order[last]] == lengths[order[first]]))
            {
                last++;
            }

            runs.Add(order[first..last]);
            first = last;
        }

        return runs;
    }

    /// <summary>Writes the inputs of one run, one a row.</summary>
    public void Write(IModelCall call, ReadOnlySpan<TextEncoding> batch)
    {
        var length = _fixedLength ?? 0;
        foreach (var encoding in batch)
        {
            length = Math.Max(length, encoding.Count);
        }

        foreach (var input in _inputs)
        {
            if (input.ElementType == ElementType.Int64)
            {
                Write<long>(call, input.Name, batch, (int)length);
            }
            else
            {
                Write<int>(call, input.Name, batch, (int)length);
            }
        }
    }

    /// <summary>Where an input's tokens begin in a row of so many.</summary>
    public int FirstToken(long length, TextEncoding encoding) => _settings.Tokenizer.PaddingSide == TokenSide.Left ? (int)length - encoding.Count : 0;

    // How many rows of a length one run takes.
    private long Limit(int length, int asked)
    {
        if (_fixedBatch is { } batch)
        {
            return batch;
        }

        var row = _inputs.Sum(input => (input.ElementType == ElementType.Int64 ? sizeof(long) : sizeof(int)) * (_fixedLength ?? length));
        return Math.Clamp((_maxPayload ?? long.MaxValue) / Math.Max(row, 1), 1, asked);
    }

    private void Write<T>(IModelCall call, string name, ReadOnlySpan<TextEncoding> batch, int length)
        where T : unmanaged, IBinaryInteger<T>
    {
        var rows = (int)(_fixedBatch ?? batch.Length);
        var tensor = call.Input<T>(name, [rows, length]);
        for (var slot = 0; slot < rows; slot++)
        {
            // A graph with a fixed batch also computes rows that nobody asked for: they repeat the first, which it can compute.
            var encoding = batch[slot < batch.Length ? slot : 0];
            var (source, filler) = name switch
            {
                Ids => (encoding.Ids, _settings.PaddingId),
                Mask => (encoding.AttentionMask, 0),
                _ => (encoding.TypeIds, 0),
            };
            var values = source.Span;
            var row = tensor.Slice(slot * length, length);
            var start = FirstToken(length, encoding);
            row[..start].Fill(T.CreateTruncating(filler));
            row[(start + values.Length)..].Fill(T.CreateTruncating(filler));
            for (var i = 0; i < values.Length; i++)
            {
                row[start + i] = T.CreateTruncating(values[i]);
            }
        }
    }

    private static InferenceException Invalid(string what) => new(InferenceError.InvalidSettings, $"The model's graph {what}. Export it as an encoder and pack it again.");
}
