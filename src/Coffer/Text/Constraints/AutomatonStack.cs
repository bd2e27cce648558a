namespace Coffer.Text.Constraints;

/// <summary>Where calls return to, innermost first. Equal stacks are one object, so that they compare by number.</summary>
internal sealed class AutomatonStack(int id, int to, AutomatonStack? outer, int depth)
{
    public int Id => id;

    public int To => to;

    public AutomatonStack? Outer => outer;

    /// <summary>How many of the calls count as a level.</summary>
    public int Depth => depth;
}
