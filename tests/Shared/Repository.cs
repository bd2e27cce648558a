namespace Coffer.Tests;

/// <summary>Where the repository's own files and the material that nobody here made lie.</summary>
internal static class Repository
{
    private const string SharedFolder = "../shared";

    /// <summary>The folder that holds Sdk.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The path of a file of the repository.</summary>
    public static string File(params string[] segments) => Path.Combine([Root, .. segments]);

    /// <summary>
    /// The path of a file that others made: models, inputs, official test vectors. Skips the test, saying so, where the
    /// material is not there; under CI that is a failure.
    /// </summary>
    public static string Shared(params string[] segments)
    {
        var path = Path.GetFullPath(Path.Combine([Root, SharedFolder, .. segments]));
        if (!System.IO.File.Exists(path) && !Directory.Exists(path))
        {
            Require($"'{string.Join('/', segments)}' is not among the shared test material on this machine");
        }

        return path;
    }

    /// <summary>Skips the test because something that it needs is not here; under CI that is a failure.</summary>
    public static void Require(string whatIsMissing)
    {
        if (string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase))
        {
            Assert.Fail($"{whatIsMissing}; CI must have it.");
        }

        Assert.Skip($"{whatIsMissing}.");
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(folder.FullName, "Sdk.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No Sdk.sln above '{AppContext.BaseDirectory}'.");
    }
}
