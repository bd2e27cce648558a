namespace Coffer.Bundles;

/// <summary>A part whose every byte was verified and decrypted, in native memory. Its bytes never touch the disk.</summary>
internal sealed unsafe class DecryptedPart : IDisposable
{
    private readonly SecretMemory _memory;

    public DecryptedPart(string name, SecretMemory memory)
    {
        Name = name;
        _memory = memory;
    }

    public string Name { get; }

    public long Length => _memory.Length;

    /// <summary>Aligned to 4096 bytes; valid until disposal.</summary>
    public nint Pointer => (nint)_memory.Pointer;

    /// <summary>All bytes of a part of at most 2 GiB.</summary>
    public ReadOnlySpan<byte> Span => _memory.Slice(0, checked((int)_memory.Length));

    public void Dispose() => _memory.Dispose();

    public override string ToString() => $"DecryptedPart {Name} (redacted)";
}
