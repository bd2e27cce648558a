using Microsoft.ML.OnnxRuntime;

namespace Coffer.Packaging;

/// <summary>
/// Proves at pack time that a packed graph gives the outputs of the original: both run on the same generated inputs in sessions
/// with the same settings, and every output is compared: bit for bit, or within a tolerance if the graph was optimised.
/// </summary>
internal sealed class GraphProof
{
    // The second turns boolean and integer scalars over: a merged decoder takes its other branch.
    private const int Samples = 2;

    private readonly string _path;
    private readonly PackedGraph _packed;
    private readonly GraphProofOptions _options;
    private readonly CancellationToken _cancellationToken;

    private GraphProof(string path, PackedGraph packed, GraphProofOptions options, CancellationToken cancellationToken)
    {
        _path = path;
        _packed = packed;
        _options = options;
        _cancellationToken = cancellationToken;
    }

    /// <summary>Proves it, or throws.</summary>
    /// <param name="originalPath">The model as it was exported.</param>
    /// <param name="packed">The same model, packed.</param>
    /// <param name="options">Shapes and seed.</param>
    /// <param name="cancellationToken">Stops between runs.</param>
    /// <exception cref="PackagingException"><see cref="PackagingError.NotRunnable"/>, <see cref="PackagingError.NotReproducible"/> or
    /// <see cref="PackagingError.OutputsChanged"/>.</exception>
    /// <exception cref="Inference.InferenceException">There is no native ONNX Runtime.</exception>
    public static GraphProofReport Prove(string originalPath, PackedGraph packed, GraphProofOptions options, CancellationToken cancellationToken) =>
        new GraphProof(originalPath, packed, options, cancellationToken).Prove();

    private GraphProofReport Prove()
    {
        List<ProofSample> samples;
        using (var original = OpenOriginal())
        {
            samples = RunOriginal(original);
        }

        return new GraphProofReport(samples[0].Shapes, samples.Count, samples[0].Outputs.Count, RequireSame(samples));
    }

    private ProofSession OpenOriginal()
    {
        try
        {
            return ProofSession.Open(_path);
        }
        catch (OnnxRuntimeException e)
        {
            throw new PackagingException(
                PackagingError.NotRunnable,
                $"ONNX Runtime can't load the original model '{Path.GetFileName(_path)}', so it could not run a packed one either: {e.Message}",
                e);
        }
    }

    private ProofSession OpenPacked()
    {
        try
        {
            return ProofSession.Open(_packed);
        }
        catch (OnnxRuntimeException e)
        {
            throw Changed($"ONNX Runtime loads the original but not the packed graph: {e.Message}", e);
        }
    }

    private List<ProofSample> RunOriginal(ProofSession session)
    {
        OnnxRuntimeException? refusal = null;
        foreach (var shapes in ProofShapes.Candidates(session.Inputs, _options))
        {
            _cancellationToken.ThrowIfCancellationRequested();
            try
            {
                var first = session.Run(shapes, _options, sample: 0);
                if (first.IsEmpty)
                {
                    continue;
                }

                return [first, .. RunMore(session, shapes)];
            }
            catch (OnnxRuntimeException e)
            {
                refusal = e;
            }
        }

        var inputs = string.Join(", ", session.Inputs.Select(input => input.ToString()));
        throw new PackagingException(
            PackagingError.NotRunnable,
            $"The original model '{Path.GetFileName(_path)}' ran on no generated input, so nothing can be proved about the packed one. Give shapes that it takes in "
            + $"{nameof(GraphProofOptions)}.{nameof(GraphProofOptions.Shapes)} or sizes in {nameof(GraphProofOptions.Dimensions)} (in the tool --shape NAME=1,3,224,224), or values of integers in {nameof(GraphProofOptions.Values)}. "
            + $"Its inputs are {inputs}. {(refusal is null ? "All outputs were empty, or the inputs would have been too large." : "ONNX Runtime's last error: " + refusal.Message)}",
            refusal);
    }

    // What the first sample proved stands; a value that the model refuses in another is no reason to doubt it.
    private IEnumerable<ProofSample> RunMore(ProofSession session, IReadOnlyDictionary<string, IReadOnlyList<long>> shapes)
    {
        for (var i = 1; i < Samples; i++)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            ProofSample sample;
            try
            {
                sample = session.Run(shapes, _options, i);
            }
            catch (OnnxRuntimeException)
            {
                yield break;
            }

            yield return sample;
        }
    }

    /// <summary>The greatest difference within the tolerance.</summary>
    private double RequireSame(List<ProofSample> samples)
    {
        var tolerance = _packed.Optimization == PackOptimization.None ? 0 : _options.Tolerance;
        string? difference = null;
        var greatest = 0.0;
        using (var packed = OpenPacked())
        {
            foreach (var sample in samples)
            {
                var outputs = RunPacked(packed, sample).Outputs;
                difference ??= sample.FindDifference(outputs, tolerance);
                greatest = Math.Max(greatest, difference is null ? sample.Distance(outputs) : 0);
            }
        }

        if (difference is null)
        {
            return greatest;
        }

        // Before packing is blamed: can the outputs be compared at all? ONNX Runtime derives the seeds that a model leaves open from
        // the places of its nodes, so such a model may agree with itself and yet not with any other.
        var random = RandomOperators();
        if (random.Length == 0 && IsReproducible(samples))
        {
            throw Changed(difference);
        }

        throw new PackagingException(
            PackagingError.NotReproducible,
            $"The original model '{Path.GetFileName(_path)}' does not give one output for one input, so the packed one can't be compared with it: {difference}. "
            + (random.Length > 0 ? $"It holds {string.Join(", ", random)}: fix their seeds, or export for inference. " : "")
            + "To pack it all the same, pack without proof.");
    }

    private ProofSample RunPacked(ProofSession packed, ProofSample sample)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return packed.Run(sample.Shapes, _options, sample.Number);
        }
        catch (OnnxRuntimeException e)
        {
            throw Changed($"the original runs, the packed graph does not: {e.Message}", e);
        }
    }

    private bool IsReproducible(List<ProofSample> samples)
    {
        using var original = OpenOriginal();
        return samples.All(sample => sample.FindDifference(original.Run(sample.Shapes, _options, sample.Number).Outputs, tolerance: 0) is null);
    }

    private string[] RandomOperators() =>
    [
        .. ModelProto.Parser.ParseFrom(_packed.Graph).AllNodes().Where(IsRandom).Select(node => node.OpType).Distinct().Order(StringComparer.Ordinal),
    ];

    // Dropout is random where it has its third input, training_mode, and that is true.
    private static bool IsRandom(NodeProto node) =>
        (node.OpType is "RandomNormal" or "RandomNormalLike" or "RandomUniform" or "RandomUniformLike" or "Multinomial" or "Bernoulli"
            || (node.OpType == "Dropout" && node.Input.Count > 2))
        && node.Attribute.All(attribute => attribute.Name != "seed");

    private PackagingException Changed(string how, Exception? cause = null) => _packed.Optimization != PackOptimization.None ? new(
        PackagingError.OutputsChanged,
        $"Optimising would change what '{Path.GetFileName(_path)}' computes: {how}. Nothing was packed. Pack it without optimisation, or, if the difference does no harm, with a larger {nameof(GraphProofOptions)}.{nameof(GraphProofOptions.Tolerance)}.",
        cause) : new(
        PackagingError.OutputsChanged,
        $"Packing would change what '{Path.GetFileName(_path)}' computes: {how}. Nothing was packed; please report this with the model's operators.",
        cause);
}
