using System.Globalization;

namespace Coffer.Bundles;

/// <summary>Signs the next version of the issuer set of a <see cref="KeyFolder"/>: the first with its root, later ones with a key of their own.</summary>
internal sealed class IssuerSetPublication(KeyFolder keys, string path, TimeProvider clock)
{
    private string KeyPath => Path.Combine(keys.Path, "issuers.key");

    public async Task<IssuerSetFile> PublishAsync(Func<IssuerSetDraft, IssuerSetDraft> edit, bool rotate, CancellationToken cancellationToken)
    {
        // Its end is not asked for: a set that is over is what the next version replaces.
        var publisher = TrustStore.ReadPublisher(Path.Combine(keys.TrustPath, keys.Publisher));
        if (File.Exists(path))
        {
            var previous = IssuerSetFile.Load(path);
            return rotate
                ? await RotateAsync(previous, publisher, edit, cancellationToken).ConfigureAwait(false)
                : await ContinueAsync(previous, publisher, edit, cancellationToken).ConfigureAwait(false);
        }

        return rotate
            ? throw new ArgumentException($"There is no issuer set '{path}' whose key could be replaced; the first version makes a new key anyway.", nameof(rotate))
            : await BeginAsync(publisher, edit, cancellationToken).ConfigureAwait(false);
    }

    private async Task<IssuerSetFile> BeginAsync(TrustedPublisher publisher, Func<IssuerSetDraft, IssuerSetDraft> edit, CancellationToken cancellationToken)
    {
        if (File.Exists(KeyPath))
        {
            throw new KeyException(KeyError.AlreadyExists, $"'{KeyPath}' has signed an issuer set, and there is none at '{path}'. Give the file that it signed: applications that have it would refuse another version 1. If it never left this machine, remove the key.");
        }

        using var root = keys.OpenRootKey();
        using var next = KeyFile.Create(KeyPath, keys.Passphrase.Span);
        try
        {
            var draft = new IssuerSetDraft { Keys = [next.SigningKey], Issuers = publisher.Issuers };
            return await SaveAsync(new IssuerSetSigner(root) { Clock = clock }.Begin(publisher.Name, edit(draft)), publisher, cancellationToken).ConfigureAwait(false);
        }
        catch when (!IsWritten(version: 1))
        {
            File.Delete(KeyPath);
            throw;
        }
    }

    private async Task<IssuerSetFile> ContinueAsync(IssuerSetFile previous, TrustedPublisher publisher, Func<IssuerSetDraft, IssuerSetDraft> edit, CancellationToken cancellationToken)
    {
        using var key = KeyFile.Load(KeyPath, keys.Passphrase.Span);
        var draft = edit(IssuerSetDraft.From(previous.Newest));
        return await SaveAsync(new IssuerSetSigner(key) { Clock = clock }.Continue(previous, draft), publisher, cancellationToken).ConfigureAwait(false);
    }

    // The old key signs the version that replaces it. It is kept: until that version is published for good, it is the only one that could.
    private async Task<IssuerSetFile> RotateAsync(IssuerSetFile previous, TrustedPublisher publisher, Func<IssuerSetDraft, IssuerSetDraft> edit, CancellationToken cancellationToken)
    {
        using var old = KeyFile.Load(KeyPath, keys.Passphrase.Span);
        var version = previous.Newest.Version + 1;
        var oldPath = Path.ChangeExtension(KeyPath, string.Create(CultureInfo.InvariantCulture, $".{version}.key"));
        File.Move(KeyPath, oldPath);
        try
        {
            using var next = KeyFile.Create(KeyPath, keys.Passphrase.Span);
            var terms = IssuerSetDraft.From(previous.Newest);
            var draft = edit(terms with { Keys = [.. terms.Keys.Where(key => !key.Equals(old.SigningKey)), next.SigningKey] });
            return await SaveAsync(new IssuerSetSigner(old) { Clock = clock }.Continue(previous, draft), publisher, cancellationToken).ConfigureAwait(false);
        }
        catch when (!IsWritten(version))
        {
            File.Move(oldPath, KeyPath, overwrite: true);
            throw;
        }
    }

    // What an application with the folder's anchors would refuse must not leave the publisher.
    private async Task<IssuerSetFile> SaveAsync(IssuerSetFile file, TrustedPublisher publisher, CancellationToken cancellationToken)
    {
        if (file.Publisher != publisher.Name)
        {
            throw new TrustException(TrustError.PublisherUnknown, $"'{path}' is the issuer set of '{file.Publisher}', and the keys are those of '{publisher.Name}'. Give the set of '{publisher.Name}'.");
        }

        _ = IssuerSetVerifier.Verify(file, publisher);
        await file.SaveAsync(path, cancellationToken).ConfigureAwait(false);
        return file;
    }

    // A version that is in the file needs the key that it names, whatever failed after it was written.
    private bool IsWritten(int version)
    {
        try
        {
            return IssuerSetFile.Load(path).Newest.Version == version;
        }
        catch (TrustException)
        {
            return false;
        }
    }
}
