namespace Coffer.Inference;

/// <summary>An input or output of a graph.</summary>
/// <param name="Name">Its name in the graph.</param>
/// <param name="ElementType">The type of its elements.</param>
/// <param name="Dimensions">Its dimensions, outermost first; empty for a scalar.</param>
/// <param name="AnyRank">Whether the graph leaves even the number of dimensions open; then <paramref name="Dimensions"/> is empty.</param>
public sealed record TensorDescription(string Name, ElementType ElementType, IReadOnlyList<Dimension> Dimensions, bool AnyRank = false)
{
    /// <summary>For people: <c>pixel_values float32 [batch, 3, 224, 224]</c>.</summary>
    public override string ToString() => $"{Name} {ElementType.ToString().ToLowerInvariant()} {Shape}";

    /// <summary>The dimensions for people: <c>[batch, 3, 224, 224]</c>, <c>[]</c> for a scalar, <c>[...]</c> for any rank.</summary>
    internal string Shape => AnyRank ? "[...]" : $"[{string.Join(", ", Dimensions)}]";
}
