using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Coffer.Bundles;

/// <summary>Files of keys and of ledgers: private by mode, whole or absent after a loss of power, never overwritten by accident.</summary>
internal static class KeyStorage
{
    public const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode OthersRead = UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <exception cref="KeyException"><see cref="KeyError.NotFound"/> or <see cref="KeyError.Malformed"/>.</exception>
    public static byte[] ReadPublic(string path, int maxLength, string advice)
    {
        using var file = Open(path, advice);
        return Read(file, path, maxLength, pinned: false);
    }

    /// <summary>Reads into pinned memory; the caller clears it.</summary>
    /// <exception cref="KeyException"><see cref="KeyError.NotFound"/>, <see cref="KeyError.ReadableByOthers"/> or <see cref="KeyError.Malformed"/>.</exception>
    public static byte[] ReadPrivate(string path, int maxLength, string advice)
    {
        using var file = Open(path, advice);
        // The mode of the open file, not of the path: what was checked is what is read.
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & (OthersRead | OthersWrite)) != 0)
        {
            throw new KeyException(KeyError.ReadableByOthers, $"Other users of this machine can read or change the private file '{path}'. Run: chmod 600 '{path}', and make new keys if it was ever shared.");
        }

        return Read(file, path, maxLength, pinned: true);
    }

    /// <summary>Writes a private file that was not there before.</summary>
    /// <exception cref="KeyException"><see cref="KeyError.AlreadyExists"/>.</exception>
    public static void CreatePrivate(string path, ReadOnlySpan<byte> content)
    {
        var temporary = WriteTemporary(path, content);
        try
        {
            if (!TryName(temporary, path))
            {
                throw new KeyException(KeyError.AlreadyExists, $"'{path}' is there already and is never overwritten. Choose another path, or move the old file away if nothing needs it.");
            }

            SyncFolderOf(path);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Replaces a private file; after a loss of power the old or the new content is there.</summary>
    public static void ReplacePrivate(string path, ReadOnlySpan<byte> content)
    {
        var temporary = WriteTemporary(path, content);
        try
        {
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        SyncFolderOf(path);
    }

    private static bool TryName(string temporary, string path)
    {
        if (!OperatingSystem.IsWindows() && Posix.TryLink(temporary, path) is { } linked)
        {
            return linked;
        }

        try
        {
            File.Move(temporary, path, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }
    }

    private static string WriteTemporary(string path, ReadOnlySpan<byte> content)
    {
        var temporary = $"{path}.{RandomNumberGenerator.GetHexString(16, lowercase: true)}.tmp";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = Private;
        }

        try
        {
            using var file = new FileStream(temporary, options);
            file.Write(content);
            file.Flush(flushToDisk: true);
            return temporary;
        }
        catch (ArgumentOutOfRangeException e)
        {
            // What the BCL makes of EFBIG: this account may have no larger file.
            File.Delete(temporary);
            throw new IOException($"'{path}' can't be written: the system allows this account no larger file.", e);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static void SyncFolderOf(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            Posix.SyncFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
    }

    private static SafeFileHandle Open(string path, string advice)
    {
        try
        {
            return File.OpenHandle(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new KeyException(KeyError.NotFound, $"There is no file '{path}'. {advice}", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new KeyException(KeyError.NotFound, $"'{path}' is a folder, or this account may not read it. Give the path of the file, or run as the account that owns it.", e);
        }
    }

    private static byte[] Read(SafeFileHandle file, string path, int maxLength, bool pinned)
    {
        var length = RandomAccess.GetLength(file);
        if (length > maxLength)
        {
            throw new KeyException(KeyError.Malformed, $"'{path}' has {length} bytes, more than the {maxLength} that such a file can have. Give the right file.");
        }

        var content = GC.AllocateArray<byte>((int)length, pinned);
        for (var read = 0; read < content.Length;)
        {
            var count = RandomAccess.Read(file, content.AsSpan(read), read);
            read += count > 0 ? count : throw new KeyException(KeyError.Malformed, $"'{path}' became shorter while it was read. Try again.");
        }

        return content;
    }
}
