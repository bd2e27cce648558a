namespace Coffer.Vision;

/// <summary>Where a face is.</summary>
/// <param name="Left">Pixels from the left.</param>
/// <param name="Top">Pixels from the top.</param>
/// <param name="Width">In pixels.</param>
/// <param name="Height">In pixels.</param>
public readonly record struct FaceArea(float Left, float Top, float Width, float Height);
