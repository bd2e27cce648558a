using System.Numerics.Tensors;
using Coffer.Inference;

namespace Coffer.Text;

/// <summary>Reads an embedding: the graph's own, or pooled from the vectors of the tokens.</summary>
internal sealed class EmbeddingOutput
{
    private const string Remedy = "Export it for feature extraction and pack it again.";

    private readonly TensorDescription? _sentence;
    private readonly TokenOutput? _tokens;
    private readonly TextEmbedderSettings _settings;

    /// <exception cref="InferenceException">The graph gives no vectors (<see cref="InferenceError.InvalidSettings"/>).</exception>
    public EmbeddingOutput(TextGraph graph, TextEmbedderSettings settings)
    {
        _settings = settings;
        var outputs = graph.Signature.Outputs;
        _sentence = outputs.FirstOrDefault(output => output.Name == "sentence_embedding");
        if (_sentence is { } sentence && (!sentence.IsFloat() || sentence.Dimensions.Count != 2))
        {
            throw Invalid($"gives {sentence}, which is not float32 or float16 [batch, numbers]");
        }

        if ((outputs.FirstOrDefault(output => output.Name is "last_hidden_state" or "token_embeddings") ?? outputs.FirstOrDefault(output => output.Dimensions.Count == 3)) is { } tokens)
        {
            _tokens = new TokenOutput(graph, tokens, 3, Remedy);
        }

        if (_sentence is null && _tokens is null)
        {
            throw Invalid("gives neither sentence_embedding nor last_hidden_state");
        }

        if (_sentence is null && settings.FurtherModule is { } module)
        {
            throw Invalid($"gives no sentence_embedding, and the module '{JsonConfig.Quote(module)}' of modules.json has to come behind the pooling. Export the whole pipeline of modules as one graph");
        }
    }

    /// <summary>The number of dimensions; null where the graph leaves it open.</summary>
    public long? Dimensions => _sentence is { } sentence ? sentence.Dimensions[1].Size : _tokens!.Width * _settings.Pooling.Count;

    /// <summary>Reads a text's embedding.</summary>
    /// <param name="call">After its run.</param>
    /// <param name="slot">The text's row.</param>
    /// <param name="encoding">The text's tokens.</param>
    /// <param name="options">How to pool and to scale.</param>
    /// <param name="skipped">How many tokens at the beginning don't count.</param>
    public TextEmbedding Read(IModelCall call, int slot, TextEncoding encoding, TextEmbedderOptions options, int skipped)
    {
        var vector = _sentence is not null && options.Pooling is null ? ReadSentence(call, slot) : Pool(call, slot, encoding, options, skipped);
        if (options.Normalize ?? _settings.Normalize)
        {
            // As torch's normalize: nothing is divided by less than 1e-12.
            TensorPrimitives.Divide(vector, Math.Max(TensorPrimitives.Norm<float>(vector), 1e-12f), vector);
        }

        return new TextEmbedding(vector) { TokenCount = encoding.Count };
    }

    private float[] ReadSentence(IModelCall call, int slot)
    {
        var shape = call.OutputShape(_sentence!.Name);
        if (shape.Length != 2 || shape[0] <= slot || shape[1] < 1)
        {
            throw new InferenceException(InferenceError.RunFailed, $"The model gave {_sentence.Name} of shape [{string.Join(", ", shape.ToArray())}] where [batch, numbers] was expected. Check the exported graph.");
        }

        var vector = new float[shape[1]];
        call.CopyOutput(_sentence, slot * vector.Length, vector);
        FloatOutputs.RequireNumbers(vector, "number");
        return vector;
    }

    private float[] Pool(IModelCall call, int slot, TextEncoding encoding, TextEmbedderOptions options, int skipped)
    {
        if (_tokens is null)
        {
            throw new InferenceException(InferenceError.NotCapable, $"The model pools by itself and gives no vectors of tokens. Leave out {nameof(TextEmbedderOptions)}.{nameof(TextEmbedderOptions.Pooling)}.");
        }

        var tokens = _tokens.Read(call, slot, encoding, "number");
        var width = tokens.Length / encoding.Count;
        IReadOnlyList<EmbeddingPooling> modes = options.Pooling is { } asked ? [asked] : _settings.Pooling;
        var vector = new float[width * modes.Count];
        for (var i = 0; i < modes.Count; i++)
        {
            Pool(modes[i], tokens, width, Math.Min(skipped, encoding.Count - 1), vector.AsSpan(i * width, width));
        }

        return vector;
    }

    private static void Pool(EmbeddingPooling mode, ReadOnlySpan<float> tokens, int width, int first, Span<float> vector)
    {
        var count = tokens.Length / width;
        if (mode is EmbeddingPooling.Cls or EmbeddingPooling.Last)
        {
            tokens.Slice(mode == EmbeddingPooling.Cls ? 0 : (count - 1) * width, width).CopyTo(vector);
            return;
        }

        vector.Fill(mode == EmbeddingPooling.Max ? float.NegativeInfinity : 0);
        var weights = 0f;
        for (var token = first; token < count; token++)
        {
            var row = tokens.Slice(token * width, width);
            var weight = mode == EmbeddingPooling.WeightedMean ? token + 1 : 1;
            weights += weight;
            if (mode == EmbeddingPooling.Max)
            {
                TensorPrimitives.Max(vector, row, vector);
            }
            else
            {
                TensorPrimitives.MultiplyAdd(row, weight, vector, vector);
            }
        }

        if (mode != EmbeddingPooling.Max)
        {
            TensorPrimitives.Divide(vector, mode == EmbeddingPooling.MeanSquareRoot ? MathF.Sqrt(weights) : weights, vector);
        }
    }

    private static InferenceException Invalid(string what) => new(InferenceError.InvalidSettings, $"The model's graph {what}. {Remedy}");
}
