namespace Coffer.Bundles;

/// <summary>
/// Packs a bundle again under new content keys: for a range of versions that is licensed by itself, or when a content key got
/// out. The publisher's keys open the old one; no model file is needed.
/// </summary>
public static class BundleRekeyer
{
    /// <summary>Writes the bundle under a new generation of its content keys. Licenses of the old bundle do not open the new one.</summary>
    /// <param name="bundle">The bundle's file.</param>
    /// <param name="output">The new bundle; a file that is there is replaced when the new one is whole.</param>
    /// <param name="keys">The publisher's keys.</param>
    /// <param name="clock">Null for the system's.</param>
    /// <param name="progress">Plaintext bytes packed so far.</param>
    /// <param name="cancellationToken">Stops the packing; nothing is left behind.</param>
    /// <returns>The manifest as signed.</returns>
    /// <exception cref="BundleException">The bundle is not one that this publisher signed, or a content key does not open it.</exception>
    /// <exception cref="KeyException">A content key is missing.</exception>
    public static async Task<BundleManifest> RekeyAsync(
        string bundle,
        string output,
        KeyFolder keys,
        TimeProvider? clock = null,
        IProgress<long>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(bundle);
        ArgumentException.ThrowIfNullOrEmpty(output);
        ArgumentNullException.ThrowIfNull(keys);
        clock ??= TimeProvider.System;
        using var signed = SignedBundle.Open(bundle);
        using var verified = signed.Verify(TrustStore.FromDirectory(keys.TrustPath, clock), new VerificationOptions { Clock = clock });
        using var publisher = keys.OpenPublisherKey();
        using var old = OpenKeys(verified.Manifest, keys.OpenContentKeys(publisher));
        var manifest = verified.Manifest;
        var name = manifest.Id[(manifest.Publisher.Length + 1)..];
        return await BundleWriter.WriteAsync(
            output,
            new BundleDraft { Publisher = manifest.Publisher, Name = name, Version = manifest.Version, Task = manifest.Task, MinSdk = manifest.MinSdk },
            [.. manifest.Parts.Select(part => Decrypted(verified, part, old, cancellationToken))],
            keys.OpenContentKeys(publisher),
            keys.NewContentKeysFor(name, publisher, clock),
            keys.CreateSigner(publisher),
            clock,
            progress,
            cancellationToken).ConfigureAwait(false);
    }

    private static ContentKeys OpenKeys(BundleManifest manifest, ContentKeyStore store)
    {
        var keys = new ContentKeys();
        foreach (var (group, id) in manifest.KeyIds)
        {
            keys.Add(group, store.Open(id));
        }

        return keys;
    }

    // One part at a time is in memory, from when it is packed until it is.
    private static PartSource Decrypted(VerifiedBundle bundle, BundlePart part, ContentKeys keys, CancellationToken cancellationToken)
    {
        _ = ChunkedAead.TryPlaintextLength(part.Length, out var length);
        return new PartSource(part.Name, part.Group, length, () => new DecryptedPartStream(bundle.Decrypt(part.Name, keys[part.Group], cancellationToken)));
    }
}
