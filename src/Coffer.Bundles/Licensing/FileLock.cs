using Microsoft.Win32.SafeHandles;

namespace Coffer.Bundles;

/// <summary>
/// An exclusive lock between processes, and between threads, on a file that is never replaced: a lock on a file that is
/// renamed away locks nothing. Waits until it has the lock.
/// </summary>
internal sealed class FileLock : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly IDisposable _handle;

    private FileLock(IDisposable handle) => _handle = handle;

    public static FileLock Acquire(string path)
    {
        Create(path);
        return new FileLock(OperatingSystem.IsWindows() ? OpenExclusively(path) : Posix.OpenLocked(path));
    }

    public void Dispose() => _handle.Dispose();

    /// <summary>Makes an empty file for its owner alone unless it is there.</summary>
    public static void Create(string path)
    {
        if (File.Exists(path))
        {
            return;
        }

        try
        {
            KeyStorage.CreatePrivate(path, []);
        }
        catch (KeyException e) when (e.Error is KeyError.AlreadyExists)
        {
            // Another process was first; one file is what was wanted.
        }
    }

    // The BCL's own share modes: mandatory on Windows, and not relied on elsewhere, where DOTNET_SYSTEM_IO_DISABLEFILELOCKING turns them off.
    private static SafeFileHandle OpenExclusively(string path)
    {
        using var never = new ManualResetEventSlim();
        while (true)
        {
            try
            {
                return File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                _ = never.Wait(Pause);
            }
        }
    }
}
