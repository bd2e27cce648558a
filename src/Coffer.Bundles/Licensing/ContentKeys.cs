namespace Coffer.Bundles;

/// <summary>The content keys of one bundle that a license gave to this device. Cleared on disposal.</summary>
internal sealed class ContentKeys : IDisposable
{
    private readonly Dictionary<PartGroup, ContentKey> _keys = [];

    /// <exception cref="LicenseException"><see cref="LicenseError.KeyMissing"/>: the license does not open that group.</exception>
    public ContentKey this[PartGroup group] => _keys.TryGetValue(group, out var key)
        ? key
        : throw new LicenseException(LicenseError.KeyMissing, $"The license carries no key for the {KeyGroupName.Of(group)} of this bundle: it allows running on an endpoint only. Use the remote target, or ask for a license with the target 'local'.");

    public bool Contains(PartGroup group) => _keys.ContainsKey(group);

    public void Dispose()
    {
        foreach (var key in _keys.Values)
        {
            key.Dispose();
        }
    }

    public override string ToString() => "ContentKeys (redacted)";

    /// <exception cref="KeyException"><see cref="KeyError.UnwrapFailed"/>: there is a key of that group already, and nothing says which of them is meant.</exception>
    internal void Add(PartGroup group, ContentKey key)
    {
        if (!_keys.TryAdd(group, key))
        {
            key.Dispose();
            throw new KeyException(KeyError.UnwrapFailed, $"The content key '{key.Id}' ({KeyGroupName.Of(group)}) is there twice. Ask for it to be issued again.");
        }
    }
}
