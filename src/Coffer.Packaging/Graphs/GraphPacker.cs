using Google.Protobuf;

namespace Coffer.Packaging;

/// <summary>From an exported graph to the two parts of a bundle: read, sanitise, externalise, prove.</summary>
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
}
