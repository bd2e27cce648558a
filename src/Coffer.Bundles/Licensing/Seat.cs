namespace Coffer.Bundles;

/// <summary>A seat that a call holds: which, and by which taking, so that giving it back twice frees nobody else's.</summary>
internal readonly record struct Seat(int Index, long Ticket)
{
    /// <summary>Of a license that limits nothing.</summary>
    public static Seat None { get; } = new(-1, 0);
}
