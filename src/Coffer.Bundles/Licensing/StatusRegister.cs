namespace Coffer.Bundles;

/// <summary>
/// An issuer's record of what it revoked, in a file: gives every license its place in the status list, and publishes that
/// list. Keep it with the issuer's key; a lost one revokes nothing any more. Every change is on disk when its method returns,
/// and processes take turns.
/// </summary>
public sealed class StatusRegister
{
    private readonly string _path;

    private StatusRegister(string path) => _path = path;

    /// <summary>Makes a register. Nothing is overwritten.</summary>
    /// <param name="path">The file.</param>
    /// <param name="uri">Where the list will be published: https or http.</param>
    /// <exception cref="ArgumentException">The address is not one.</exception>
    /// <exception cref="KeyException"><see cref="KeyError.AlreadyExists"/>.</exception>
    public static StatusRegister Create(string path, string uri)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!System.Uri.TryCreate(uri, UriKind.Absolute, out var address) || (address.Scheme != System.Uri.UriSchemeHttps && address.Scheme != System.Uri.UriSchemeHttp))
        {
            throw new ArgumentException($"'{uri}' is not an address for a status list; give one with https or http.", nameof(uri));
        }

        KeyStorage.CreatePrivate(path, new StatusRegisterContent { Uri = uri }.ToBytes());
        return new StatusRegister(path);
    }

    /// <summary>Opens a register.</summary>
    /// <exception cref="KeyException"><see cref="KeyError.NotFound"/> or <see cref="KeyError.Malformed"/>.</exception>
    public static StatusRegister Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var register = new StatusRegister(path);
        _ = register.Read();
        return register;
    }

    /// <summary>Where the list is published.</summary>
    public string Uri => Read().Uri;

    /// <summary>A license's status as the next list will say it: 0 valid, 1 revoked, 2 suspended.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No license has that place.</exception>
    public int this[long index]
    {
        get
        {
            var content = Read();
            _ = content.Known(index);
            return content.Revoked.Contains(index) ? 1 : content.Suspended.Contains(index) ? 2 : 0;
        }
    }

    /// <summary>A place of its own for a new license.</summary>
    public StatusReference Allocate() => Change(content => new StatusReference(content.Uri, content.Next++));

    /// <summary>Revokes a license for good.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No license has that place.</exception>
    public void Revoke(long index) => Change(content => content.Known(index) && content.Suspended.Remove(index) | content.Revoked.Add(index));

    /// <summary>Suspends a license until <see cref="Reinstate"/>; one that is revoked stays so.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No license has that place.</exception>
    public void Suspend(long index) => Change(content => content.Known(index) && !content.Revoked.Contains(index) && content.Suspended.Add(index));

    /// <summary>Ends a suspension.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No license has that place.</exception>
    public void Reinstate(long index) => Change(content => content.Known(index) && content.Suspended.Remove(index));

    /// <summary>Revokes a device with all its licenses of this issuer.</summary>
    /// <param name="thumbprint">Of its signing key, RFC 7638: 43 characters.</param>
    public void RevokeDevice(string thumbprint) => Change(content => content.Devices.Add(Require(thumbprint, 43, _ => true, "the thumbprint of a device")));

    /// <summary>Revokes one bundle.</summary>
    /// <param name="manifestDigest">SHA-256 of its header and manifest, lowercase hex.</param>
    public void RevokeManifest(string manifestDigest) => Change(content => content.Manifests.Add(RequireDigest(manifestDigest)));

    /// <summary>Revokes a signing certificate.</summary>
    /// <param name="signer">Which, and from when; one that was revoked before gets the new time.</param>
    public void RevokeSigner(RevokedSigner signer)
    {
        ArgumentNullException.ThrowIfNull(signer);
        _ = Change(content =>
        {
            content.Signers[RequireDigest(signer.CertificateDigest)] = signer.After;
            return true;
        });
    }

    /// <summary>Signs the list as it is now.</summary>
    /// <param name="issuer">The issuer's name, as licenses have it.</param>
    /// <param name="key">The key that signs its licenses.</param>
    /// <param name="lifetime">How long the list says something fresh; null for ever, which leaves that to the licenses' <c>offline</c>.</param>
    /// <param name="clock">Null for the system's.</param>
    /// <returns>The token, and a line feed.</returns>
    public string Publish(string issuer, IDeviceKey key, TimeSpan? lifetime = null, TimeProvider? clock = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(issuer);
        ArgumentNullException.ThrowIfNull(key);
        var now = (clock ?? TimeProvider.System).GetUtcNow();
        var payload = Read().ToClaims(issuer, now, lifetime is { } span ? now + span : null);
        var text = Jws.Sign(StatusList.Type, payload, key);
        _ = StatusList.Parse(text);
        return text + "\n";
    }

    /// <summary>The address.</summary>
    public override string ToString() => $"StatusRegister {Uri}";

    private StatusRegisterContent Read()
    {
        var bytes = KeyStorage.ReadPublic(_path, StatusRegisterContent.MaxLength, "Make one with 'coffer status init', or give the path of the issuer's.");
        try
        {
            return StrictJson.Read(bytes, StatusRegisterContent.Read);
        }
        catch (Exception e) when (e is FormatException or KeyNotFoundException)
        {
            throw new KeyException(KeyError.Malformed, $"'{_path}' is not a status register. Restore it from its backup.", e);
        }
    }

    private T Change<T>(Func<StatusRegisterContent, T> change)
    {
        using (FileLock.Acquire(_path + ".lock"))
        {
            var content = Read();
            var result = change(content);
            KeyStorage.ReplacePrivate(_path, content.ToBytes());
            return result;
        }
    }

    private static string RequireDigest(string digest) => Require(digest, 64, char.IsAsciiHexDigitLower, "SHA-256 in lowercase hex");

    private static string Require(string text, int length, Func<char, bool> allowed, string what) =>
        text?.Length == length && text.All(allowed) ? text : throw new ArgumentException($"'{text}' is not {what}.");
}
