namespace Coffer.Vision;

/// <summary>A <c>size</c> in one of its spellings.</summary>
internal sealed class ResizeConfig
{
    public ResizeConfig(int edge, bool square)
        : this(square ? new ResizeRule.To(new PixelSize(edge, edge)) : new ResizeRule.Shortest(edge))
    {
    }

    public ResizeConfig(PixelSize size)
        : this(new ResizeRule.To(size))
    {
    }

    public ResizeConfig(ResizeRule rule) => Rule = rule;

    public ResizeRule Rule { get; }

    public PixelSize? Exact => (Rule as ResizeRule.To)?.Size;

    public int? Shortest => (Rule as ResizeRule.Shortest)?.Edge;
}
