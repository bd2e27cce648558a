using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Coffer.Bundles;

/// <summary>
/// Writes a file so that its name always means a whole one, after a crash or a power cut, too: a temporary name in the same
/// folder, flushed, renamed, and the folder flushed.
/// </summary>
internal static partial class DurableFile
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

        FlushFolder(folder);
    }

    /// <summary>Makes the names in a folder durable. File.OpenHandle refuses folders, so this asks the system itself; Windows has no such call and needs none.</summary>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = OpenFolder(folder, ReadOnly);
        if (descriptor >= 0)
        {
            // Some file systems refuse to flush a folder; the file itself is on the disk by now.
            _ = Flush(descriptor);
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFolder(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Flush(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    private const int ReadOnly = 0;
}
