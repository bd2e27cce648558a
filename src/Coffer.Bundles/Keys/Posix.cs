using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Coffer.Bundles;

/// <summary>What durable, locked and never-overwriting files need of a Unix and the BCL does not offer.</summary>
[UnsupportedOSPlatform("windows")]
internal static partial class Posix
{
    private const int ReadOnly = 0;
    private const int ReadWrite = 2;
    private const int LockExclusive = 2;
    private const int LockNoWait = 4;
    private const int LockRelease = 8;
    private const int Interrupted = 4;
    private const int Exists = 17;

    private static int CloseOnExec => OperatingSystem.IsMacOS() || OperatingSystem.IsIOS() ? 0x1000000 : 0x80000;

    /// <summary>Waits for the exclusive lock on an existing file; closing the handle releases it.</summary>
    public static SafeFileHandle OpenLocked(string path)
    {
        var file = Open(path, ReadWrite);
        while (Lock(Descriptor(file), LockExclusive) != 0)
        {
            if (Marshal.GetLastPInvokeError() != Interrupted)
            {
                var error = LastError("lock", path);
                file.Dispose();
                throw error;
            }
        }

        return file;
    }

    /// <summary>Opens an existing file whose lock is to be tried.</summary>
    public static SafeFileHandle OpenForLock(string path) => Open(path, ReadWrite);

    /// <summary>Takes the exclusive lock unless another opening of the file holds it.</summary>
    public static bool TryLock(SafeFileHandle file) => Lock(Descriptor(file), LockExclusive | LockNoWait) == 0;

    /// <summary>Lets go of the lock.</summary>
    public static void Unlock(SafeFileHandle file) => _ = Lock(Descriptor(file), LockRelease);

    /// <summary>Makes a rename or a new name in the folder survive a loss of power.</summary>
    public static void SyncFolder(string path)
    {
        using var folder = Open(path, ReadOnly);
        if (Sync(Descriptor(folder)) != 0)
        {
            throw LastError("sync", path);
        }
    }

    /// <summary>Gives a file a second name unless that name is taken, atomically.</summary>
    /// <returns>false where the name is taken, null where the file system knows no links.</returns>
    public static bool? TryLink(string existing, string name)
    {
        if (Link(existing, name) == 0)
        {
            return true;
        }

        return Marshal.GetLastPInvokeError() == Exists ? false : null;
    }

    private static SafeFileHandle Open(string path, int access)
    {
        var descriptor = OpenFile(path, access | CloseOnExec);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw LastError("open", path);
    }

    private static int Descriptor(SafeFileHandle file) => (int)file.DangerousGetHandle();

    private static IOException LastError(string operation, string path) =>
        new($"The system could not {operation} '{path}': {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    // Called without its variadic mode argument, which only creating a file needs.
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Lock(int file, int operation);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int file);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string name);
}
