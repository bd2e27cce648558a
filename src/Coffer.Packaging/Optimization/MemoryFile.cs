using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Coffer.Packaging;

/// <summary>A file in memory alone that has a path, as Linux makes them: memfd_create(2). It is gone with its handle.</summary>
internal sealed partial class MemoryFile : IDisposable
{
    public const string Folder = "/proc/self/fd";

    private const uint CloseOnExec = 1;

    private readonly SafeFileHandle _handle;

    private MemoryFile(SafeFileHandle handle)
    {
        _handle = handle;
        Name = handle.DangerousGetHandle().ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Within <see cref="Folder"/>.</summary>
    public string Name { get; }

    public string Path => $"{Folder}/{Name}";

    /// <summary>Null where the system has none, or hides the folder that gives it a path.</summary>
    public static MemoryFile? TryCreate()
    {
        if (!OperatingSystem.IsLinux() || CreateMemoryFile("coffer", CloseOnExec) is not (>= 0 and var descriptor))
        {
            return null;
        }

        var file = new MemoryFile(new SafeFileHandle(descriptor, ownsHandle: true));
        if (File.Exists(file.Path))
        {
            return file;
        }

        file.Dispose();
        return null;
    }

    public void Dispose() => _handle.Dispose();

    [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CreateMemoryFile(string name, uint flags);
}
