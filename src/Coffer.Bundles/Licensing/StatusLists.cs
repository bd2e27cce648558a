using System.Security.Cryptography;
using System.Text;

namespace Coffer.Bundles;

/// <summary>
/// The newest status lists that a host has, by address: in memory, and in a folder where one is given, so that a device goes
/// on when it is offline. What it holds is checked against the license's issuer whenever it is used, so that the folder needs
/// no protection. Give one instance to everything that opens models; a list that is added is noticed by models in use.
/// Safe for concurrent use.
/// </summary>
public sealed class StatusLists
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, StatusList?> _lists = new(StringComparer.Ordinal);
    private readonly string? _folder;
    private volatile int _version;

    /// <summary>Lists in memory, and in a folder where one is given.</summary>
    /// <param name="folder">Where fetched lists are kept; made when the first one is. Null for nowhere.</param>
    public StatusLists(string? folder = null) => _folder = folder;

    /// <summary>Grows whenever a list is added.</summary>
    internal int Version => _version;

    /// <summary>Takes a list, for example from a file that was carried to the device. A newer one at the same address stays.</summary>
    /// <param name="list">The list; its signature is checked when a license needs it.</param>
    public void Add(StatusList list)
    {
        ArgumentNullException.ThrowIfNull(list);
        _ = TryPut(list, stays: known => known.IssuedAt > list.IssuedAt);
    }

    /// <summary>
    /// Fetches the lists that a license names, those that have not changed excepted (RFC 9110 §13.1.2), checks them, and keeps
    /// them. A list that can't be fetched leaves the one at hand in place.
    /// </summary>
    /// <param name="license">The license, verified.</param>
    /// <param name="client">Fetches; its timeout and its handler are the host's choice.</param>
    /// <param name="cancellationToken">Stops the fetching.</param>
    /// <exception cref="HttpRequestException">A list could not be fetched.</exception>
    /// <exception cref="LicenseException"><see cref="LicenseError.StatusInvalid"/>: what was fetched is not the issuer's list.</exception>
    public async Task RefreshAsync(VerifiedLicense license, HttpClient client, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(license);
        ArgumentNullException.ThrowIfNull(client);
        foreach (var token in license.Tokens.Where(token => token.Claims.Status is not null))
        {
            var uri = token.Claims.Status!.Uri;
            if (await new StatusFetch(client, ReadTag(uri, token.SignedBy)).GetAsync(uri, cancellationToken).ConfigureAwait(false) is not { } fetched)
            {
                continue;
            }

            var list = StatusList.Parse(fetched.Text);
            if (!list.IsOf(token))
            {
                throw StatusList.Invalid($"What '{uri}' gave is not the status list of '{CompactToken.Shown(token.Claims.Issuer)}' at this address");
            }

            // What was only added is a claim: it does not outlast what the issuer signed, however new it says it is.
            if (TryPut(list, stays: known => known.IssuedAt > list.IssuedAt && known.IsSignedBy(token.SignedBy)))
            {
                Keep(uri, fetched);
            }
        }
    }

    /// <summary>The list at hand; null for none.</summary>
    /// <exception cref="LicenseException"><see cref="LicenseError.StatusInvalid"/>: the one in the folder can't be read.</exception>
    internal StatusList? Known(string uri)
    {
        lock (_gate)
        {
            return Find(uri);
        }
    }

    private bool TryPut(StatusList list, Func<StatusList, bool> stays)
    {
        lock (_gate)
        {
            if (Readable(list.Uri) is { } known && stays(known))
            {
                return false;
            }

            _lists[list.Uri] = list;
            _version++;
            return true;
        }
    }

    private StatusList? Find(string uri)
    {
        if (!_lists.TryGetValue(uri, out var list))
        {
            list = _folder is not null && File.Exists(PathOf(uri)) ? StatusList.Load(PathOf(uri)) : null;
            _lists[uri] = list;
        }

        return list;
    }

    // A damaged file must not stand in the way of the list that replaces it.
    private StatusList? Readable(string uri)
    {
        try
        {
            return Find(uri);
        }
        catch (LicenseException e) when (e.Error is LicenseError.StatusInvalid)
        {
            return null;
        }
    }

    // The tag of a list that is not the issuer's would keep the issuer's from being fetched.
    private string? ReadTag(string uri, JsonWebKey signer)
    {
        lock (_gate)
        {
            return _folder is not null && Readable(uri)?.IsSignedBy(signer) == true && File.Exists(PathOf(uri) + ".etag") ? File.ReadAllText(PathOf(uri) + ".etag") : null;
        }
    }

    private void Keep(string uri, FetchedStatus fetched)
    {
        if (_folder is null)
        {
            return;
        }

        _ = Directory.CreateDirectory(_folder);

        // The list before its tag: a tag without its list would keep the list from being fetched.
        File.Delete(PathOf(uri) + ".etag");
        KeyStorage.ReplacePrivate(PathOf(uri), Encoding.ASCII.GetBytes(fetched.Text + "\n"));
        if (fetched.Tag is { } tag)
        {
            File.WriteAllText(PathOf(uri) + ".etag", tag);
        }
    }

    private string PathOf(string uri) => Path.Combine(_folder!, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(uri)).AsSpan(0, 16)) + ".status");
}
