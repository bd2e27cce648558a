namespace Coffer.Packaging;

/// <summary>How far packing has come.</summary>
/// <param name="Phase">What it is busy with.</param>
/// <param name="Done">Bytes of the phase that are done.</param>
/// <param name="Total">Bytes of the phase; 0 while that is not known.</param>
public readonly record struct PackProgress(PackPhase Phase, long Done, long Total);
