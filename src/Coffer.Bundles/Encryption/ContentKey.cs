using System.Security.Cryptography;

namespace Coffer.Bundles;

/// <summary>
/// A 256-bit key that encrypts the parts of one key group (FORMAT.md §6), with its key id. Lives in pinned memory that is
/// zeroed on disposal, and never prints.
/// </summary>
internal sealed class ContentKey : IDisposable
{
    public const int Size = 32;

    private readonly byte[] _bytes = GC.AllocateArray<byte>(Size, pinned: true);
    private bool _disposed;

    public ContentKey(string id, ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, Size);
        Id = id;
        bytes.CopyTo(_bytes);
    }

    /// <summary>The key id that manifests and licenses name.</summary>
    public string Id { get; }

    public ReadOnlySpan<byte> Bytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _bytes;
        }
    }

    public static ContentKey Generate(string id)
    {
        Span<byte> bytes = stackalloc byte[Size];
        RandomNumberGenerator.Fill(bytes);
        var key = new ContentKey(id, bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return key;
    }

    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_bytes);
    }

    public override string ToString() => "ContentKey (redacted)";
}
