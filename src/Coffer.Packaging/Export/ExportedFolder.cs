using Coffer.Bundles;

namespace Coffer.Packaging;

/// <summary>
/// A model as an exporter left it: a folder in the layout of Hugging Face (<c>.onnx</c> files at the top or in <c>onnx/</c>, configuration and
/// tokenizer at the top), or a single <c>.onnx</c> file.
/// </summary>
/// <param name="Graphs">Ordered by name, then variant.</param>
/// <param name="Files">Ordered by name.</param>
internal sealed record ExportedFolder(IReadOnlyList<ExportedGraph> Graphs, IReadOnlyList<ExportedFile> Files)
{
    private const string GraphFolder = "onnx";
    private const string GraphExtension = ".onnx";

    /// <summary>Reads the names of the graphs and the files beside them. The graphs themselves are read when they are packed.</summary>
    /// <param name="path">A folder, or an <c>.onnx</c> file; beside a single file nothing else is picked up.</param>
    /// <exception cref="PackagingException">There is no model (<see cref="PackagingError.NotFound"/>), it is not clear which
    /// (<see cref="PackagingError.Ambiguous"/>), a name can't be a part's (<see cref="PackagingError.InvalidName"/>), or a link leads out of the
    /// folder (<see cref="PackagingError.OutsideFolder"/>).</exception>
    public static ExportedFolder Read(string path)
    {
        path = Path.GetFullPath(path);
        try
        {
            return File.Exists(path) ? OfFile(path)
                : Directory.Exists(path) ? OfFolder(path)
                : throw new PackagingException(PackagingError.NotFound, $"There is no file or folder '{path}'. Give the path of an .onnx file, or of the folder that the model was exported to.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PackagingException(PackagingError.Unreadable, $"'{path}' can't be read: {e.Message}", e);
        }
    }

    private static ExportedFolder OfFile(string path) => new([new ExportedGraph(GraphNames.Single, null, path)], []);

    private static ExportedFolder OfFolder(string path)
    {
        var folder = new ModelFolder(path);
        var top = GraphFiles(path);
        var below = Directory.Exists(Path.Combine(path, GraphFolder)) ? GraphFiles(Path.Combine(path, GraphFolder)) : [];
        if (top.Count > 0 && below.Count > 0)
        {
            throw new PackagingException(
                PackagingError.Ambiguous,
                $"'{path}' has .onnx files both at its top ('{top[0]}') and in '{GraphFolder}/' ('{below[0]}'), so it is not clear which are the model. Remove one set, or give the path of one .onnx file.");
        }

        if (top.Count + below.Count == 0)
        {
            throw new PackagingException(
                PackagingError.NotFound,
                $"'{path}' has no .onnx file, neither at its top nor in '{GraphFolder}/'. Export the model to ONNX first, for example with 'optimum-cli export onnx'.");
        }

        var locations = top.Count > 0 ? top : [.. below.Select(name => $"{GraphFolder}/{name}")];
        var graphs = GraphNames.Assign(locations)
            .Select(graph => graph with { Path = folder.Find(graph.Path)! })
            .ToArray();
        return new ExportedFolder(graphs, ReadFiles(path, folder));
    }

    private static List<string> GraphFiles(string folder) =>
        [.. Names(folder).Where(name => name.EndsWith(GraphExtension, StringComparison.OrdinalIgnoreCase))];

    private static ExportedFile[] ReadFiles(string path, ModelFolder folder)
    {
        var nested = SideFiles.Nested.Where(name => File.Exists(Path.Combine(path, name)));
        return [.. Names(path).Where(SideFiles.Belongs).Concat(nested).Order(StringComparer.Ordinal).Select(name => ReadFile(folder, name))];
    }

    private static ExportedFile ReadFile(ModelFolder folder, string name)
    {
        var file = folder.Find(name)!;
        if (!BundleNames.IsPartName($"files/{name}"))
        {
            throw new PackagingException(PackagingError.InvalidName, $"The file {OnnxNames.Quote(name)} can't go into a bundle under its name. Rename it to letters, digits, '.', '_' and '-'.");
        }

        var length = new FileInfo(file).Length;
        return length <= BundleLimits.Default.MaxSettingsLength
            ? new ExportedFile(name, File.ReadAllBytes(file))
            : throw new PackagingException(PackagingError.TooLarge, $"The file '{name}' has {length} bytes; a file beside a model may have at most {BundleLimits.Default.MaxSettingsLength}.");
    }

    private static IEnumerable<string> Names(string folder) =>
        Directory.EnumerateFiles(folder).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal);
}
