using System.Numerics.Tensors;
using Coffer.Text;

namespace Coffer.Remote;

/// <summary>Vectors of a reply, checked.</summary>
internal static class RemoteEmbeddings
{
    /// <exception cref="Inference.RemoteException">One is missing, empty, of another length, or not finite.</exception>
    public static IReadOnlyList<TextEmbedding> Of(TaskEndpoint endpoint, float[]?[] vectors, bool normalize)
    {
        foreach (var vector in vectors)
        {
            if (vector is not { Length: > 0 } || vector.Length != vectors[0]!.Length || vector.AsSpan().ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
            {
                throw endpoint.InvalidReply("an embedding is missing, empty, of another length than the others, or not finite");
            }

            var length = normalize ? TensorPrimitives.Norm<float>(vector) : 0;
            if (length > 0)
            {
                TensorPrimitives.Divide(vector, length, vector);
            }
        }

        return [.. vectors.Select(vector => new TextEmbedding(vector))];
    }
}
