using Microsoft.Win32.SafeHandles;

namespace Coffer.Bundles;

/// <summary>A file that one process at a time holds locked, without waiting for it.</summary>
internal sealed class SeatLock : IDisposable
{
    private readonly string _path;
    private SafeFileHandle? _file;

    public SeatLock(string path)
    {
        _path = path;
        FileLock.Create(path);
        if (!OperatingSystem.IsWindows())
        {
            _file = Posix.OpenForLock(path);
        }
    }

    public bool TryLock()
    {
        if (!OperatingSystem.IsWindows())
        {
            return Posix.TryLock(_file!);
        }

        try
        {
            _file = File.OpenHandle(_path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (IOException) when (File.Exists(_path))
        {
            return false;
        }
    }

    public void Unlock()
    {
        if (OperatingSystem.IsWindows())
        {
            _file?.Dispose();
        }
        else
        {
            Posix.Unlock(_file!);
        }
    }

    public void Dispose() => _file?.Dispose();
}
