using Coffer.Inference;

namespace Coffer.Vision;

/// <summary>What a picture is resized to, by its own size; the rounding is that of transformers' <c>image_transforms.py</c>.</summary>
internal abstract record ResizeRule
{
    /// <summary>The resized picture's size.</summary>
    public abstract PixelSize Apply(PixelSize size);

    /// <summary>To one size, whatever the shape: <c>{"height": h, "width": w}</c>.</summary>
    internal sealed record To(PixelSize Size) : ResizeRule
    {
        public override PixelSize Apply(PixelSize size) => Size;
    }

    /// <summary>The shorter edge to a length, the other in proportion: <c>get_resize_output_image_size</c>.</summary>
    internal sealed record Shortest(int Edge) : ResizeRule
    {
        public override PixelSize Apply(PixelSize size)
        {
            var (shorter, longer) = size.Width <= size.Height ? (size.Width, size.Height) : (size.Height, size.Width);
            return Order(size, Edge, Truncate((double)((long)Edge * longer) / shorter));
        }
    }

    /// <summary>The same, unless the longer edge would exceed a bound: <c>get_size_with_aspect_ratio</c>.</summary>
    internal sealed record ShortestWithin(int Edge, int Longest) : ResizeRule
    {
        public override PixelSize Apply(PixelSize size)
        {
            var (shorter, longer) = ((double)Math.Min(size.Width, size.Height), (double)Math.Max(size.Width, size.Height));
            var bounded = longer / shorter * Edge > Longest;
            var raw = bounded ? Longest * shorter / longer : Edge;

            // Python rounds halves to even, as Math.Round does.
            var edge = (int)Math.Round(raw);
            if (edge < 1)
            {
                throw TooThin(size);
            }

            return shorter == edge ? size : Order(size, edge, Truncate(raw * longer / shorter));
        }
    }

    private static PixelSize Order(PixelSize size, int shorter, int longer) =>
        size.Width <= size.Height ? new PixelSize(shorter, longer) : new PixelSize(longer, shorter);

    // Where the window that is computed is small, the rest costs nothing; beyond this the numbers no longer fit.
    private static int Truncate(double edge) => edge < (1 << 26) ? (int)edge : throw TooThin(null);

    private static InputException TooThin(PixelSize? size) => new(
        InputError.Unsuitable, $"The picture{(size is null ? "" : $" of {size} pixels")} is too long and thin to be resized for this model. Crop it.");
}
