namespace Coffer.Packaging;

/// <summary>The size of a picture in pixels.</summary>
/// <param name="Height">At least 1.</param>
/// <param name="Width">At least 1.</param>
public readonly record struct ImageSize(int Height, int Width);
