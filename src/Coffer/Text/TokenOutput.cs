using Coffer.Inference;

namespace Coffer.Text;

/// <summary>An output with numbers for each token: [batch, tokens], or [batch, tokens, width].</summary>
internal sealed class TokenOutput
{
    private readonly TextGraph _graph;
    private readonly TensorDescription _output;
    private readonly int _rank;

    /// <param name="graph">Whose output it is.</param>
    /// <param name="output">The output.</param>
    /// <param name="rank">2 for one number a token, 3 for several.</param>
    /// <param name="remedy">What to do about a graph that doesn't fit.</param>
    /// <exception cref="InferenceException">The output is another (<see cref="InferenceError.InvalidSettings"/>).</exception>
    public TokenOutput(TextGraph graph, TensorDescription output, int rank, string remedy)
    {
        if (!output.IsFloat() || output.Dimensions.Count != rank)
        {
            throw new InferenceException(InferenceError.InvalidSettings, $"The model's graph gives {output}, which is not float32 or float16 {(rank == 2 ? "[batch, tokens]" : "[batch, tokens, numbers]")}. {remedy}");
        }

        _graph = graph;
        _output = output;
        _rank = rank;
    }

    /// <summary>How many numbers a token has; null where the graph leaves it open.</summary>
    public long? Width => _rank == 2 ? 1 : _output.Dimensions[2].Size;

    /// <summary>Copies the numbers of a text's tokens, without those of padding.</summary>
    /// <returns>[tokens, width].</returns>
    /// <exception cref="InferenceException">The output has another shape, or a number is none (<see cref="InferenceError.RunFailed"/>).</exception>
    public float[] Read(IModelCall call, int slot, TextEncoding encoding, string what)
    {
        var shape = call.OutputShape(_output.Name);
        if (shape.Length != _rank || shape[0] <= slot || shape[1] < encoding.Count || shape[^1] < 1)
        {
            throw new InferenceException(
                InferenceError.RunFailed, $"The model gave {_output.Name} of shape [{string.Join(", ", shape.ToArray())}] for {encoding.Count} tokens. Check the exported graph.");
        }

        var width = _rank == 2 ? 1 : checked((int)shape[2]);
        var length = (int)shape[1];
        var values = new float[encoding.Count * width];
        call.CopyOutput(_output, ((slot * length) + _graph.FirstToken(length, encoding)) * width, values);
        FloatOutputs.RequireNumbers(values, what);
        return values;
    }
}
