namespace Coffer.Cli.Tests;

/// <summary>The commands that the READMEs show, as they show them, one after the other.</summary>
[Collection(nameof(Alone))]
public sealed class ReadmeTests
{
    [Fact]
    public async Task Readme_CommandsByHand_AllWork()
    {
        var commands = CommandsOf(Repository.File("README.md"));
        Assert.Contains(commands, command => command is ["coffer", "run", ..]);
        using var folder = new TemporaryFolder();
        CopyFolder(Repository.File("samples", "models", "digits"), folder.File("samples", "models", "digits"));

        await InFolderAsync(folder.Path, async () =>
        {
            foreach (var command in commands)
            {
                var run = (await ToolRun.OfAsync(command[1..])).Succeeds();
                Assert.True(command[1] != "run" || run.Out.StartsWith("seven.png  seven", StringComparison.Ordinal), run.Out);
            }
        });
    }

    [Fact]
    public async Task Readme_OfTheTool_AllWork()
    {
        using var folder = new TemporaryFolder();
        File.Copy(Path.Combine(Vendor.Digits, "model.onnx"), folder.File("model.onnx"));
        File.Copy(Vendor.Picture("seven.png"), folder.File("picture.png"));
        await File.WriteAllLinesAsync(folder.File("labels.txt"), Enumerable.Range(0, 10).Select(digit => $"{digit}"), TestContext.Current.CancellationToken);
        var commands = CommandsOf(Repository.File("src", "Coffer.Cli", "README.md"));
        Assert.NotEmpty(commands);

        await InFolderAsync(folder.Path, async () =>
        {
            foreach (var command in commands)
            {
                await FollowAsync(command);
            }
        });
    }

    private static async Task FollowAsync(string[] command)
    {
        if (command is ["cp", "-r", var source, var target])
        {
            CopyFolder(source, target);
        }
        else
        {
            (await ToolRun.OfAsync(command[1..])).Succeeds();
        }
    }

    // The lines of code blocks that begin with 'coffer' or copy a folder, but for those that only show a form: 'coffer COMMAND --help'.
    private static List<string[]> CommandsOf(string readme) =>
        [.. File.ReadLines(readme)
            .Where(line => line.StartsWith("coffer ", StringComparison.Ordinal) || line.StartsWith("cp -r ", StringComparison.Ordinal))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))];

    private static async Task InFolderAsync(string folder, Func<Task> work)
    {
        var before = Directory.GetCurrentDirectory();
        Directory.SetCurrentDirectory(folder);
        try
        {
            await work();
        }
        finally
        {
            Directory.SetCurrentDirectory(before);
        }
    }

    private static void CopyFolder(string source, string target)
    {
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
