namespace Coffer.Vision;

/// <summary>A size in pixels.</summary>
internal readonly record struct PixelSize(int Width, int Height)
{
    public override string ToString() => $"{Width}x{Height}";
}

/// <summary>A part of a picture, in pixels from its upper left corner.</summary>
internal readonly record struct PixelRectangle(int Left, int Top, int Width, int Height)
{
    public static PixelRectangle Whole(PixelSize size) => new(0, 0, size.Width, size.Height);
}
