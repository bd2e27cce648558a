using System.Globalization;

namespace Coffer.Inference;

/// <summary>One dimension of a tensor: fixed, or free with a symbol that other dimensions may share.</summary>
/// <param name="Size">The size, or null if the graph leaves it free.</param>
/// <param name="Symbol">The graph's name for a free dimension, for example <c>batch</c>; may be empty.</param>
public readonly record struct Dimension(long? Size, string Symbol = "")
{
    /// <summary>Whether a tensor may have this many elements along the dimension.</summary>
    public bool Allows(long size) => size >= 0 && (Size is null || Size == size);

    /// <summary>The size, the symbol, or <c>?</c>.</summary>
    public override string ToString() => Size?.ToString(CultureInfo.InvariantCulture) ?? (Symbol.Length > 0 ? Symbol : "?");
}
