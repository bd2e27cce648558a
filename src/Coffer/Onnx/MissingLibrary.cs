namespace Coffer.Onnx;

/// <summary>What the loader doesn't find.</summary>
/// <param name="Name">The file's name.</param>
/// <param name="NeededBy">The library that was asked for and needs it, directly or through others; null if it is that library itself.</param>
internal sealed record MissingLibrary(string Name, string? NeededBy)
{
    /// <summary>As part of a sentence.</summary>
    public override string ToString() => NeededBy is null ? Name : $"{Name}, which {NeededBy} needs";
}
