using Microsoft.Win32.SafeHandles;

namespace Coffer.Bundles;

/// <summary>
/// Writes a file so that its name always means a whole one, after a crash or a power cut, too: a temporary name in the same
/// folder, flushed, renamed, and the folder flushed.
/// </summary>
internal static class DurableFile
{
    /// <summary>Calls <paramref name="write"/> on a new file, then gives it its name; on failure nothing is left behind.</summary>
    public static async Task WriteAsync(string path, Func<SafeFileHandle, Task> write)
    {
        var target = Path.GetFullPath(path);
        var folder = Path.GetDirectoryName(target)!;
        var temporary = Path.Combine(folder, $".{Path.GetFileName(target)}.{Guid.NewGuid():N}.tmp");
        try
        {
            using (var file = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileOptions.Asynchronous))
            {
                await write(file).ConfigureAwait(false);
                RandomAccess.FlushToDisk(file);
            }

            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        if (!OperatingSystem.IsWindows())
        {
            Posix.SyncFolder(folder);
        }
    }
}
