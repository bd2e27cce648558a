using Coffer.Inference;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Coffer.Packaging;

/// <summary>An input of the graph that is proved.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">ONNX Runtime's name of its element type.</param>
/// <param name="Dimensions">Fixed or free.</param>
internal sealed record ProofInput(string Name, TensorElementType Type, IReadOnlyList<Dimension> Dimensions)
{
    /// <exception cref="PackagingException">The input is not a tensor (<see cref="PackagingError.NotRunnable"/>).</exception>
    public static ProofInput From(string name, NodeMetadata metadata)
    {
        if (!metadata.IsTensor)
        {
            throw new PackagingException(
                PackagingError.NotRunnable,
                $"The input {OnnxNames.Quote(name)} is a {metadata.OnnxValueType}, and the proof generates tensors only. Pack without proof.");
        }

        var dimensions = metadata.Dimensions.Zip(metadata.SymbolicDimensions, (size, symbol) => size < 0 ? new Dimension(null, symbol) : new Dimension(size));
        return new ProofInput(name, metadata.ElementDataType, [.. dimensions]);
    }

    public override string ToString() => $"{OnnxNames.Quote(Name)} {Type.ToString().ToLowerInvariant()} [{string.Join(", ", Dimensions)}]";
}
