using Microsoft.Win32.SafeHandles;

namespace Coffer.Bundles;

/// <summary>
/// The bytes of a bundle, read at any position into memory of the reader's own: whatever happens to the file afterwards,
/// what was read is what is hashed and used. Thread-safe. Shared by count: <see cref="Share"/> and <see cref="Dispose"/> pair.
/// </summary>
internal sealed class BundleSource : IDisposable
{
    private readonly SafeFileHandle? _file;
    private readonly ReadOnlyMemory<byte> _memory;
    private int _owners = 1;

    private BundleSource(SafeFileHandle? file, ReadOnlyMemory<byte> memory, string name, long length)
    {
        _file = file;
        _memory = memory;
        Name = name;
        Length = length;
    }

    /// <summary>For messages: the file's name, or that it is memory.</summary>
    public string Name { get; }

    public long Length { get; }

    /// <exception cref="BundleException">The file can't be opened.</exception>
    public static BundleSource Open(string path)
    {
        try
        {
            var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            return new BundleSource(file, default, path, RandomAccess.GetLength(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new BundleException(BundleError.Unreadable, BundleSection.File, $"The bundle '{path}' can't be opened: {e.Message}", e);
        }
    }

    public static BundleSource FromMemory(ReadOnlyMemory<byte> memory) => new(null, memory, "(memory)", memory.Length);

    public BundleSource Share()
    {
        Interlocked.Increment(ref _owners);
        return this;
    }

    /// <summary>Fills <paramref name="destination"/> from <paramref name="offset"/>.</summary>
    /// <exception cref="BundleException">The file ends before, or can't be read.</exception>
    public void Read(long offset, Span<byte> destination)
    {
        if (_file is null)
        {
            _memory.Span.Slice(checked((int)offset), destination.Length).CopyTo(destination);
            return;
        }

        try
        {
            while (!destination.IsEmpty)
            {
                var read = RandomAccess.Read(_file, destination, offset);
                if (read == 0)
                {
                    throw new BundleException(BundleError.Truncated, BundleSection.File, $"The bundle '{Name}' became shorter while it was read.");
                }

                destination = destination[read..];
                offset += read;
            }
        }
        catch (IOException e)
        {
            throw new BundleException(BundleError.Unreadable, BundleSection.File, $"The bundle '{Name}' can't be read: {e.Message}", e);
        }
    }

    public void Dispose()
    {
        if (Interlocked.Decrement(ref _owners) == 0)
        {
            _file?.Dispose();
        }
    }
}
