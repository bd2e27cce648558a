namespace Coffer.Cli.Diagnosis;

/// <summary>Keys are files; whether the file system of a folder keeps them private.</summary>
/// <param name="Folder">The folder that was tried.</param>
/// <param name="Protection">What keeps a private file private there.</param>
/// <param name="Problem">What is wrong and what to do; null for nothing.</param>
internal sealed record KeyStoreReport(string Folder, string Protection, string? Problem)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static KeyStoreReport Examine(string folder)
    {
        var full = Path.GetFullPath(folder);
        if (OperatingSystem.IsWindows())
        {
            return new KeyStoreReport(full, "files under the folder's access list", null);
        }

        const string Mode = "files of mode 0600";
        try
        {
            return Try(full) == Private
                ? new KeyStoreReport(full, Mode, null)
                : new KeyStoreReport(full, "files", "The file system does not keep file modes, so other users may read private keys, and Coffer refuses them. Keep keys on a native file system.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new KeyStoreReport(full, Mode, $"Nothing could be tried there: {e.Message} Name the folder of the keys with --keys.");
        }
    }

    private static UnixFileMode Try(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return Private;
        }

        var path = Path.Combine(folder, $".coffer-doctor-{Guid.NewGuid():N}");
        using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Options = FileOptions.DeleteOnClose,
            UnixCreateMode = Private,
        });
        return File.GetUnixFileMode(file.SafeFileHandle);
    }
}
