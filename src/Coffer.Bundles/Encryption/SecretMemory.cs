using System.Runtime.InteropServices;

namespace Coffer.Bundles;

/// <summary>
/// Native memory for decrypted bytes: page-aligned, of any size, never moved by the collector, kept out of core dumps and
/// backed by huge pages where the system can, zeroed on disposal.
/// </summary>
internal sealed unsafe partial class SecretMemory : IDisposable
{
    private const nuint PageSize = 4096;
    private const nuint HugePageSize = 2 << 20;

    private byte* _pointer;

    public SecretMemory(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Length = length;
        var capacity = Capacity(length);
        _pointer = (byte*)NativeMemory.AlignedAlloc(capacity, capacity >= HugePageSize ? HugePageSize : PageSize);
        if (OperatingSystem.IsLinux())
        {
            // Advice only: where a kernel knows neither, decryption is slower or a core dump larger, and nothing else changes.
            _ = Advise(_pointer, capacity, DontDump);
            _ = Advise(_pointer, capacity, HugePages);
        }
    }

    ~SecretMemory() => Free();

    public long Length { get; }

    public byte* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_pointer == null, this);
            return _pointer;
        }
    }

    public Span<byte> Slice(long start, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + length, Length);
        return new Span<byte>(Pointer + start, length);
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private static nuint Capacity(long length) => (Math.Max((nuint)length, 1) + PageSize - 1) / PageSize * PageSize;

    private void Free()
    {
        if (_pointer == null)
        {
            return;
        }

        NativeMemory.Clear(_pointer, (nuint)Length);
        if (OperatingSystem.IsLinux())
        {
            // The allocator may hand the pages to somebody else, whose core dump is his own business.
            _ = Advise(_pointer, Capacity(Length), DoDump);
        }

        NativeMemory.AlignedFree(_pointer);
        _pointer = null;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(byte* address, nuint length, int advice);

    // Linux <sys/mman.h>.
    private const int HugePages = 14;
    private const int DontDump = 16;
    private const int DoDump = 17;
}
