using Google.Protobuf;

namespace Coffer.Packaging;

/// <summary>From an exported graph to the two parts of a bundle: read, sanitise, externalise, optimise, prove.</summary>
internal static class GraphPacker
{
    /// <summary>Packs one graph. Large weights stay in their files until the parts are read.</summary>
    /// <param name="source">The graph.</param>
    /// <param name="keptMetadata">See <see cref="GraphSanitiser.Sanitise"/>.</param>
    /// <param name="proof">How to prove that the outputs are unchanged; null to pack without proof.</param>
    /// <param name="cancellationToken">Stops the proof.</param>
    /// <exception cref="PackagingException">See <see cref="PackagingError"/>.</exception>
    /// <exception cref="Inference.InferenceException">The proof needs the native ONNX Runtime, and none is there.</exception>
    public static PackedGraph Pack(ExportedGraph source, IEnumerable<string> keptMetadata, GraphProofOptions? proof, CancellationToken cancellationToken = default)
    {
        var file = OnnxModelFile.Read(source.Path);
        GraphSanitiser.Sanitise(file.Model, keptMetadata);
        var weights = GraphExternaliser.Externalise(file.Model, file.Folder);
        var packed = new PackedGraph(source.Name, source.Variant, file.Model.ToByteArray(), weights);
        return proof is null ? packed : packed with { Proof = GraphProof.Prove(file.Path, packed, proof, cancellationToken) };
    }

    /// <summary>Packs one graph and has ONNX Runtime optimise it.</summary>
    /// <param name="source">The graph.</param>
    /// <param name="options">How far it is optimised, what stays of its metadata, and how its outputs are compared.</param>
    /// <param name="files">Hold the optimised graph's weights: dispose them after the result was written.</param>
    /// <param name="cancellationToken">Stops the proofs.</param>
    /// <exception cref="PackagingException">See <see cref="PackagingError"/>.</exception>
    /// <exception cref="Inference.InferenceException">There is no native ONNX Runtime.</exception>
    public static PackedGraph Pack(ExportedGraph source, PackOptions options, OptimizerFiles files, CancellationToken cancellationToken)
    {
        var packed = Pack(source, options.KeptMetadata, options.Proof, cancellationToken);
        if (options.Optimization == PackOptimization.None)
        {
            return packed;
        }

        var optimized = GraphOptimizer.Optimize(packed, options.Optimization, options.KeptMetadata, files);
        return options.Proof is null ? optimized : optimized with { Proof = GraphProof.Prove(Path.GetFullPath(source.Path), optimized, options.Proof, cancellationToken) };
    }
}
