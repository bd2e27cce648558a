using System.Text;

namespace Coffer.Bundles;

/// <summary>
/// A publisher's content keys: a folder with one file <c>KID.jwe</c> a key, wrapped to the publisher's agreement key. Keep a
/// backup: without its content key nobody can license a bundle any more. Whoever holds a content key can decrypt every
/// bundle under it for ever, so make a new generation for every range of versions that is licensed by itself.
/// </summary>
public sealed class ContentKeyStore
{
    private const string Extension = ".jwe";

    private readonly string _folder;

    /// <summary>Opens a folder of content keys.</summary>
    /// <param name="folder">The folder; made when the first key is.</param>
    /// <param name="publisher">The publisher's key; stays the caller's to dispose.</param>
    public ContentKeyStore(string folder, IDeviceKey publisher)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(publisher);
        _folder = folder;
        Publisher = publisher;
    }

    internal IDeviceKey Publisher { get; }

    /// <summary>Makes the next generation of a content key and writes it, mode 0600 on Unix.</summary>
    /// <param name="name">The model's name without its publisher: letters, digits, dots, dashes and underscores.</param>
    /// <param name="group">Which parts the key is for.</param>
    /// <returns>The key id, <c>NAME.GROUP.N</c>, with N from 1.</returns>
    /// <exception cref="ArgumentException">The name has other characters or is longer than 96.</exception>
    public string Generate(string name, PartGroup group)
    {
        var generation = (LatestGeneration(name, group) ?? 0) + 1;
        var id = new ContentKeyId(name, group, generation).ToString();
        CreateFolder();
        using var key = ContentKey.Generate(id);
        KeyStorage.CreatePrivate(PathOf(id), Encoding.ASCII.GetBytes(WrappedContentKey.Wrap(key, Publisher.AgreementKey)));
        return id;
    }

    /// <summary>The id of the newest generation, or null where there is none.</summary>
    /// <exception cref="ArgumentException">The name has characters that no model's name has.</exception>
    public string? Latest(string name, PartGroup group) =>
        LatestGeneration(name, group) is { } generation ? new ContentKeyId(name, group, generation).ToString() : null;

    /// <exception cref="KeyException"><see cref="KeyError.NotFound"/> or <see cref="KeyError.UnwrapFailed"/>.</exception>
    internal ContentKey Open(string keyId)
    {
        if (!ContentKeyId.TryParse(keyId, out _))
        {
            throw new KeyException(KeyError.NotFound, $"'{CompactToken.Shown(keyId)}' is not the id of a content key; ids read NAME.GROUP.N, for example digits.weights.1.");
        }

        var wrapped = KeyStorage.ReadPublic(PathOf(keyId), Jwe.MaxLength, "Restore the publisher's content keys from their backup.");
        return WrappedContentKey.Unwrap(Encoding.ASCII.GetString(wrapped), keyId, Publisher);
    }

    private int? LatestGeneration(string name, PartGroup group)
    {
        if (!ContentKeyId.IsName(name))
        {
            throw new ArgumentException($"'{CompactToken.Shown(name)}' is not a model's name: letters, digits, dots, dashes and underscores, at most 96.", nameof(name));
        }

        return Directory.Exists(_folder)
            ? Directory.EnumerateFiles(_folder, "*" + Extension)
                .Select(file => ContentKeyId.TryParse(Path.GetFileNameWithoutExtension(file), out var id) && id.Name == name && id.Group == group ? (int?)id.Generation : null)
                .Max()
            : null;
    }

    private string PathOf(string id) => Path.Combine(_folder, id + Extension);

    private void CreateFolder()
    {
        if (OperatingSystem.IsWindows())
        {
            _ = Directory.CreateDirectory(_folder);
        }
        else
        {
            _ = Directory.CreateDirectory(_folder, KeyStorage.Private | UnixFileMode.UserExecute);
        }
    }
}
