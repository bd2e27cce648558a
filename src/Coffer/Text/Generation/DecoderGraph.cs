using System.Numerics;
using Coffer.Inference;

namespace Coffer.Text;

/// <summary>
/// What a decoder's graph takes and gives, by Hugging Face's names, checked once. The cache's shape is the graph's: heads, head size and
/// element type.
/// </summary>
internal sealed class DecoderGraph
{
    public const string Ids = "input_ids";
    public const string EncoderStates = "encoder_hidden_states";
    public const string EncoderMask = "encoder_attention_mask";
    private const string Past = "past_key_values.";
    private const string Present = "present.";
    private const string Positions = "position_ids";
    private const string Branch = "use_cache_branch";
    private const string LogitsToKeep = "num_logits_to_keep";
    private const string Logits = "logits";

    private static readonly string[] Masks = ["attention_mask", "decoder_attention_mask"];

    private readonly ModelSignature _signature;
    private readonly TensorDescription? _mask;
    private readonly TensorDescription? _positions;
    private readonly TensorDescription? _encoderMask;
    private readonly TensorDescription _ids;
    private readonly TensorDescription _logits;
    private readonly bool _hasBranch;
    private readonly TensorDescription? _logitsToKeep;

    /// <param name="signature">The graph's.</param>
    /// <param name="shapes">What the model's files say where the graph leaves the cache's shape open.</param>
    /// <exception cref="InferenceException">It is no decoder that Coffer can run (<see cref="InferenceError.InvalidSettings"/>).</exception>
    public DecoderGraph(ModelSignature signature, CacheShape shapes)
    {
        _signature = signature;
        _ids = FindInput(Ids) ?? throw Invalid($"has no input named {Ids}");
        _mask = Masks.Select(FindInput).FirstOrDefault(found => found is not null);
        _positions = FindInput(Positions);
        _encoderMask = FindInput(EncoderMask);
        _hasBranch = FindInput(Branch) is not null;
        _logitsToKeep = FindInput(LogitsToKeep);
        TakesEncoderStates = FindInput(EncoderStates) is not null;
        _logits = signature.Outputs.FirstOrDefault(output => output.Name == Logits) ?? throw Invalid($"has no output named {Logits}");
        if (_logits.ElementType is not (ElementType.Float32 or ElementType.Float16) || (!_logits.AnyRank && _logits.Dimensions.Count != 3))
        {
            throw Invalid($"gives {_logits}, which is not [batch, tokens, vocabulary] of float32 or float16");
        }

        Cache = [.. signature.Inputs.Where(input => input.Name.StartsWith(Past, StringComparison.Ordinal)).Select(input => ToCache(input, shapes))];
        GivesCache = signature.Outputs.Where(output => output.Name.StartsWith(Present, StringComparison.Ordinal)).Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var input in signature.Inputs)
        {
            RequireKnown(input);
        }

        if (Cache.Find(tensor => !tensor.OfEncoder && !GivesCache.Contains(tensor.Output)) is { } lost)
        {
            throw Invalid($"takes {lost.Input} but doesn't give {lost.Output}");
        }
    }

    public string Name => _signature.Graph;

    /// <summary>What it takes from the run before; empty for a graph without a cache.</summary>
    public List<CacheTensor> Cache { get; }

    /// <summary>The names of what it gives to the next run.</summary>
    public HashSet<string> GivesCache { get; }

    public bool TakesEncoderStates { get; }

    /// <summary>Whether the first run of a text, which has no cache yet, can be its.</summary>
    public bool Begins => Cache.Count == 0 || Cache.TrueForAll(tensor => !tensor.OfEncoder) || _hasBranch;

    /// <summary>One for a graph that takes one token a run; null for any number.</summary>
    public long? FixedTokens => _ids.Dimensions[1].Size;

    /// <summary>Whether it takes any number of texts, and of tokens.</summary>
    public bool TakesRows => _ids.Dimensions[0].Size is null && FixedTokens is null;

    /// <summary>Whether it calculates with half precision.</summary>
    public bool IsHalf => _logits.ElementType == ElementType.Float16 || Cache.Exists(tensor => tensor.ElementType == ElementType.Float16);

    /// <summary>Whether a mask says what is padding: of its own tokens, or of the encoder's.</summary>
    public bool TakesPadding => TakesEncoderStates || Cache.Exists(tensor => tensor.OfEncoder) ? _encoderMask is not null : _mask is not null;

    /// <summary>How many scores a token has; null where the graph leaves it open.</summary>
    public long? VocabularySize => _logits.AnyRank ? null : _logits.Dimensions[2].Size;

    /// <summary>Writes everything but the cache and the encoder's output.</summary>
    /// <param name="call">A call of the graph.</param>
    /// <param name="tokens">Row by row.</param>
    /// <param name="rows">How many sequences.</param>
    /// <param name="past">How many tokens of each are in the cache.</param>
    /// <param name="padding">Where the rows have no text.</param>
    public void Write(IModelCall call, ReadOnlySpan<int> tokens, int rows, int past, RowPadding padding)
    {
        var count = tokens.Length / rows;
        WriteTokens(call, tokens, [rows, count]);
        if (_mask is not null)
        {
            WriteMask(call, _mask, [rows, past + count], padding);
        }

        if (_positions is not null)
        {
            WritePositions(call, rows, count, past, padding);
        }

        if (_encoderMask is not null)
        {
            WriteMask(call, _encoderMask, [rows, padding.EncoderTokens], padding);
        }

        if (_hasBranch)
        {
            call.Input<bool>(Branch, [1])[0] = past > 0;
        }

        if (_logitsToKeep is not null)
        {
            call.Input<long>(LogitsToKeep, _logitsToKeep.Dimensions.Count == 0 ? [] : [1])[0] = 1;
        }
    }

    /// <summary>The scores of the token after a row's last one, where they lie; empty where they are not of type float.</summary>
    public ReadOnlySpan<float> ReadLogits(IModelCall call, int row) =>
        _logits.ElementType == ElementType.Float32 ? LastOf(call.Output<float>(Logits), call.OutputShape(Logits), row) : default;

    /// <summary>The scores of the token after a row's last one.</summary>
    public void CopyLogits(IModelCall call, int row, Span<float> target)
    {
        if (_logits.ElementType == ElementType.Float32)
        {
            ReadLogits(call, row).CopyTo(target);
        }
        else
        {
            System.Numerics.Tensors.TensorPrimitives.ConvertToSingle(LastOf(call.Output<Half>(Logits), call.OutputShape(Logits), row), target);
        }
    }

    /// <summary>How many scores the last run gave for a token.</summary>
    public int LogitsOf(IModelCall call)
    {
        var shape = call.OutputShape(Logits);
        return shape.Length == 3 && shape[1] > 0 && shape[2] > 0 ? (int)shape[2] : throw Invalid($"gave logits of shape [{string.Join(", ", shape.ToArray())}], which is not [batch, tokens, vocabulary]");
    }

    public InferenceException Invalid(string what) => new(InferenceError.InvalidSettings, $"The graph '{_signature.Graph}' {what}. Export the model in Hugging Face's layout ('optimum-cli export onnx') and pack it again.");

    private static ReadOnlySpan<T> LastOf<T>(ReadOnlySpan<T> logits, ReadOnlySpan<long> shape, int row)
    {
        var (tokens, vocabulary) = ((int)shape[1], (int)shape[2]);
        return logits.Slice(((row * tokens) + tokens - 1) * vocabulary, vocabulary);
    }

    private void WriteTokens(IModelCall call, ReadOnlySpan<int> tokens, scoped ReadOnlySpan<long> shape)
    {
        if (_ids.ElementType == ElementType.Int64)
        {
            System.Numerics.Tensors.TensorPrimitives.ConvertChecked(tokens, call.Input<long>(Ids, shape));
        }
        else
        {
            tokens.CopyTo(call.Input<int>(Ids, shape));
        }
    }

    private void WriteMasks<T>(IModelCall call, TensorDescription input, scoped ReadOnlySpan<long> shape, RowPadding padding)
        where T : unmanaged, IBinaryInteger<T>
    {
        var rows = (int)shape[0];
        if (input == _mask)
        {
            padding.WriteMask(call.Input<T>(input.Name, shape), rows);
        }
        else
        {
            padding.WriteEncoderMask(call.Input<T>(input.Name, shape), rows);
        }
    }

    private void WriteMask(IModelCall call, TensorDescription input, scoped ReadOnlySpan<long> shape, RowPadding padding)
    {
        if (input.ElementType == ElementType.Int64)
        {
            WriteMasks<long>(call, input, shape, padding);
        }
        else
        {
            WriteMasks<int>(call, input, shape, padding);
        }
    }

    private void WritePositions(IModelCall call, int rows, int count, int past, RowPadding padding)
    {
        if (_positions!.ElementType == ElementType.Int64)
        {
            padding.WritePositions(call.Input<long>(Positions, [rows, count]), rows, past);
        }
        else
        {
            padding.WritePositions(call.Input<int>(Positions, [rows, count]), rows, past);
        }
    }

    private CacheTensor ToCache(TensorDescription input, CacheShape shapes)
    {
        if (input.ElementType is not (ElementType.Float32 or ElementType.Float16) || input.AnyRank || input.Dimensions.Count != 4)
        {
            throw Invalid($"takes {input}, which is not [batch, heads, tokens, head size] of float32 or float16");
        }

        var heads = input.Dimensions[1].Size ?? shapes.Heads ?? throw Invalid($"takes {input} and leaves the number of heads open, which config.json doesn't say either");
        var size = input.Dimensions[3].Size ?? shapes.HeadSize ?? throw Invalid($"takes {input} and leaves the size of a head open, which config.json doesn't say either");
        var rest = input.Name[Past.Length..];
        return new CacheTensor(input.Name, Present + rest, input.ElementType, (int)heads, (int)size, rest.Contains(".encoder.", StringComparison.Ordinal));
    }

    private void RequireKnown(TensorDescription input)
    {
        var isKnown = input == _mask || input == _positions || input == _encoderMask || input == _ids
            || input.Name is EncoderStates or Branch or LogitsToKeep || input.Name.StartsWith(Past, StringComparison.Ordinal);
        if (!isKnown)
        {
            throw Invalid($"takes {input}, which is no input of a decoder that this version knows");
        }

        var isNumber = input == _mask || input == _positions || input == _encoderMask || input == _ids;
        if (isNumber && (input.ElementType is not (ElementType.Int64 or ElementType.Int32) || input.AnyRank || input.Dimensions.Count != 2))
        {
            throw Invalid($"takes {input}, which is not [batch, tokens] of int64 or int32");
        }
    }

    private TensorDescription? FindInput(string name) => _signature.Inputs.FirstOrDefault(input => input.Name == name);
}
