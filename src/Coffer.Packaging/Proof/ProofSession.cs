using Coffer.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace Coffer.Packaging;

/// <summary>A session for a proof. Original and packed graph get the same settings; only where the weights come from differs.</summary>
internal sealed class ProofSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly NativeBytes? _weights;

    private ProofSession(InferenceSession session, NativeBytes? weights)
    {
        _session = session;
        _weights = weights;
        try
        {
            Inputs = [.. session.InputNames.Select(name => ProofInput.From(name, session.InputMetadata[name]))];
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public IReadOnlyList<ProofInput> Inputs { get; }

    /// <summary>Opens a model from its file; ONNX Runtime reads external data itself.</summary>
    public static ProofSession Open(string path)
    {
        OrtEnvironment.Get();
        using var options = CreateOptions();
        return new ProofSession(new InferenceSession(path, options), weights: null);
    }

    /// <summary>Opens a packed graph as a bundle's reader would: graph and weights from memory, and what is optimised as it is.</summary>
    public static ProofSession Open(PackedGraph packed)
    {
        OrtEnvironment.Get();
        using var options = CreateOptions();
        if (packed.Optimization == PackOptimization.Extended)
        {
            options.GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL;
        }

        if (packed.Weights.Length == 0)
        {
            return new ProofSession(new InferenceSession(packed.Graph, options), weights: null);
        }

        var weights = NativeBytes.ReadAll(packed.Weights);
        try
        {
            // In place: the proof of a large model must not hold its weights twice. Prepacking stays on, as in the original's session.
            options.AddSessionConfigEntry("session.use_external_initializer_file_buffers_directly", "1");
            OrtNative.AddExternalInitializers(options, [new ExternalWeights(WeightsPart.Location, weights.Pointer, weights.Length)]);
            return new ProofSession(new InferenceSession(packed.Graph, options), weights);
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>Runs the graph on a generated input.</summary>
    public ProofSample Run(IReadOnlyDictionary<string, IReadOnlyList<long>> shapes, GraphProofOptions proof, int sample)
    {
        var inputs = new List<OrtValue>(Inputs.Count);
        try
        {
            // One sequence of numbers for all inputs: the order of inputs is the same in both graphs.
            var random = new ProofValues(proof, sample);
            foreach (var input in Inputs)
            {
                inputs.Add(random.Create(input, shapes[input.Name]));
            }

            using var options = new RunOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            using var outputs = _session.Run(options, _session.InputNames, inputs, _session.OutputNames);
            return new ProofSample(sample, shapes, [.. _session.OutputNames.Zip(outputs, (name, value) => (name, ProofValue.Read(value)))]);
        }
        finally
        {
            inputs.ForEach(input => input.Dispose());
        }
    }

    public void Dispose()
    {
        _session.Dispose();
        _weights?.Dispose();
    }

    private static SessionOptions CreateOptions() => new()
    {
        GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
        // Shapes that a model refuses are expected, and reported once none is left.
        LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
    };
}
