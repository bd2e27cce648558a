namespace Coffer.Packaging;

/// <summary>Bytes of a file.</summary>
/// <param name="Path">The file's real path, checked by <see cref="ModelFolder"/>.</param>
/// <param name="Offset">The first byte.</param>
/// <param name="Length">How many.</param>
internal sealed record FileRange(string Path, long Offset, long Length);
