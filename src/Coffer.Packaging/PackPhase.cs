namespace Coffer.Packaging;

/// <summary>What packing is busy with, in order.</summary>
public enum PackPhase
{
    /// <summary>Reading, sanitising and proving the graphs.</summary>
    Preparing,

    /// <summary>Digesting the plaintext weights.</summary>
    Digesting,

    /// <summary>Encrypting and writing the parts.</summary>
    Encrypting,
}
