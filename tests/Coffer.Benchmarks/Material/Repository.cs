namespace Coffer.Benchmarks;

/// <summary>Where the repository's own files and the models that nobody here made lie.</summary>
internal static class Repository
{
    private const string SharedFolder = "../shared";

    public static string Digits => Path.Combine(Root, "samples", "models", "digits");

    /// <summary>Where npm installs the peers.</summary>
    public static string Peers => Path.Combine(Root, "tests", "peers");

    private static string Root { get; } = FindRoot();

    /// <summary>A file that others made; null, and a line that says what is skipped, where it is not on this machine.</summary>
    public static string? Shared(string path, string skipped)
    {
        var file = Path.GetFullPath(Path.Combine(Root, SharedFolder, path));
        if (File.Exists(file))
        {
            return file;
        }

        Console.WriteLine();
        Console.WriteLine($"Skipped: {skipped}. '{path}' is not among the shared test material on this machine.");
        return null;
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Sdk.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No Sdk.sln above '{AppContext.BaseDirectory}'.");
    }
}
