namespace Coffer;

/// <summary>How far opening a model has come. Reports come from any thread; their order is that of the phases.</summary>
/// <param name="Phase">What it is busy with.</param>
/// <param name="Bytes">Encrypted bytes that were read, checked and decrypted so far; 0 in the phases that count none.</param>
/// <param name="TotalBytes">Of how many; 0 in the phases that count none.</param>
public readonly record struct OpenProgress(OpenPhase Phase, long Bytes = 0, long TotalBytes = 0);
