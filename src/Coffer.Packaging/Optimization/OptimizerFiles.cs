namespace Coffer.Packaging;

/// <summary>
/// Where optimised graphs and their weights lie until they are packed: ONNX Runtime writes them to paths only. On Linux these are
/// files in memory. Elsewhere they are in a private temporary folder: the model that is packed lies in the open on the
/// same machine, and the folder goes when packing ends.
/// </summary>
internal sealed class OptimizerFiles : IDisposable
{
    private readonly List<MemoryFile> _inMemory = [];
    private readonly bool _triesMemory;
    private string? _folder;
    private int _count;

    /// <param name="triesMemory">False keeps to the folder.</param>
    public OptimizerFiles(bool triesMemory = true) => _triesMemory = triesMemory;

    /// <summary>The temporary folder; null while there is none.</summary>
    public string? Folder => _folder;

    /// <summary>Empty files for a graph and, in the same folder, its weights.</summary>
    public (string Graph, string Weights) Create()
    {
        if (_triesMemory && TryCreateInMemory() is { } files)
        {
            return files;
        }

        // Only this user may enter it (mode 0700; on Windows the user's own temporary folder).
        _folder ??= Directory.CreateTempSubdirectory("coffer-pack-").FullName;
        _count++;
        return (Path.Combine(_folder, $"{_count}.onnx"), Path.Combine(_folder, $"{_count}.weights"));
    }

    public void Dispose()
    {
        _inMemory.ForEach(file => file.Dispose());
        if (_folder is not null)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private (string Graph, string Weights)? TryCreateInMemory()
    {
        if (MemoryFile.TryCreate() is not { } graph)
        {
            return null;
        }

        _inMemory.Add(graph);
        if (MemoryFile.TryCreate() is not { } weights)
        {
            return null;
        }

        _inMemory.Add(weights);
        return (graph.Path, weights.Path);
    }
}
