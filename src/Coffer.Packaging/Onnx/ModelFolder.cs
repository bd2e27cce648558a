using System.Globalization;

namespace Coffer.Packaging;

/// <summary>
/// The folder that a model's data must lie in. A model comes from somebody else: one that names a file elsewhere would carry that
/// file, whatever it is, to everyone who gets the bundle. So nothing outside goes in, by path or by symbolic link.
/// </summary>
internal sealed class ModelFolder
{
    private const int MaxLinks = 40;

    private readonly string _root;
    private readonly (string Location, string Path)? _only;

    public ModelFolder(string path) => _root = Resolve(System.IO.Path.GetFullPath(path), MaxLinks);

    private ModelFolder(string location, string path) => (_root, _only) = ("", (location, path));

    /// <summary>A folder with one file, whose path is taken as it is: one in memory is a link to nowhere.</summary>
    public static ModelFolder OfOneFile(string location, string path) => new(location, path);

    /// <summary>Where a tensor's external data lies.</summary>
    /// <param name="tensor">A tensor whose data is external.</param>
    /// <param name="length">The bytes that its type and shape need.</param>
    /// <exception cref="PackagingException">The location is outside (<see cref="PackagingError.OutsideFolder"/>), or there are no such bytes
    /// (<see cref="PackagingError.ExternalDataMissing"/>), or the entries contradict the shape (<see cref="PackagingError.InvalidModel"/>).</exception>
    public FileRange Locate(TensorProto tensor, long length)
    {
        var entries = tensor.ExternalData.ToLookup(entry => entry.Key, entry => entry.Value, StringComparer.Ordinal);
        var location = Single(tensor, entries, "location") ?? throw Invalid(tensor, "is external but has no location");
        var offset = Number(tensor, entries, "offset") ?? 0;
        var declared = Number(tensor, entries, "length") ?? length;
        if (declared != length)
        {
            throw Invalid(tensor, $"has {declared} bytes of external data where its shape needs {length}");
        }

        var path = Find(location) ?? throw new PackagingException(
            PackagingError.ExternalDataMissing,
            $"The data of the tensor {OnnxNames.Quote(tensor.Name)} should be in {OnnxNames.Quote(location)}, which is not beside the model. Copy that file into the model's folder.");
        var available = LengthOf(path);
        return offset <= available && length <= available - offset
            ? new FileRange(path, offset, length)
            : throw new PackagingException(
                PackagingError.ExternalDataMissing,
                $"The data of the tensor {OnnxNames.Quote(tensor.Name)} should be {length} bytes from byte {offset} of {OnnxNames.Quote(location)}, which has only {available} bytes. Copy or download that file again.");
    }

    /// <summary>The real path of a file of the folder, or null if there is none.</summary>
    /// <param name="location">Relative to the folder, with '/' between segments.</param>
    /// <exception cref="PackagingException">It lies outside (<see cref="PackagingError.OutsideFolder"/>).</exception>
    public string? Find(string location)
    {
        if (_only is { } only)
        {
            return location == only.Location ? only.Path : throw Outside(location, "the model has one file of data");
        }

        // A backslash separates on Windows only; a model that packs on one system only serves nobody, so it never does.
        var segments = location.Split('/');
        if (location.Length == 0 || Path.IsPathRooted(location) || location.AsSpan().ContainsAny("\\:\0") || segments.Contains(".."))
        {
            throw Outside(location, "it is not a relative path below it");
        }

        var path = Resolve(Path.Combine([_root, .. segments.Where(segment => segment is not ("" or "."))]), MaxLinks);
        var inside = Path.EndsInDirectorySeparator(_root) ? _root : _root + Path.DirectorySeparatorChar;
        if (!path.StartsWith(inside, StringComparison.Ordinal))
        {
            throw Outside(location, "a symbolic link leads out of it. If the file belongs to the model, copy the folder with links followed (cp -rL)");
        }

        return File.Exists(path) ? path : null;
    }

    // Of what a link leads to, which FileInfo does not give for a file in memory.
    private static long LengthOf(string path)
    {
        try
        {
            using var file = File.OpenHandle(path);
            return RandomAccess.GetLength(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PackagingException(PackagingError.Unreadable, $"'{path}' can't be read: {e.Message}", e);
        }
    }

    // Follows the links of every component, as realpath does; what doesn't exist is left as it is.
    private static string Resolve(string path, int links)
    {
        var resolved = Path.GetPathRoot(path)!;
        foreach (var segment in path[resolved.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            var next = Path.Combine(resolved, segment);
            if (new FileInfo(next).LinkTarget is { } target)
            {
                next = links > 0
                    ? Resolve(Path.GetFullPath(target, resolved), links - 1)
                    : throw new PackagingException(PackagingError.Unreadable, $"'{path}' can't be read: its symbolic links go in circles.");
            }

            resolved = next;
        }

        return resolved;
    }

    private static string? Single(TensorProto tensor, ILookup<string, string> entries, string key)
    {
        var values = entries[key].Take(2).ToArray();
        return values.Length < 2 ? values.FirstOrDefault() : throw Invalid(tensor, $"says its {key} twice");
    }

    private static long? Number(TensorProto tensor, ILookup<string, string> entries, string key) =>
        Single(tensor, entries, key) is not { } text ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw Invalid(tensor, $"has the {key} {OnnxNames.Quote(text)}, which is not a number of bytes");

    private static PackagingException Outside(string location, string why) =>
        new(PackagingError.OutsideFolder, $"{OnnxNames.Quote(location)} is refused: only files in the model's folder are packed, and {why}.");

    private static PackagingException Invalid(TensorProto tensor, string what) =>
        new(PackagingError.InvalidModel, $"The tensor {OnnxNames.Quote(tensor.Name)} {what}. Export the model again.");
}
