namespace Coffer.Bundles;

/// <summary>
/// Asks the status lists of a license's tokens about the license, the device, the bundle and its signer (LICENSES.md,
/// "Status"). Every token with a list counts. Lists whose signature was checked once are not checked again.
/// </summary>
internal sealed class StatusCheck
{
    private readonly List<LicenseToken> _tokens;
    private readonly StatusLists? _lists;
    private readonly OpenedBundle _bundle;
    private readonly string _device;
    private readonly Dictionary<string, StatusList> _verified = new(StringComparer.Ordinal);

    public StatusCheck(IEnumerable<LicenseToken> tokens, StatusLists? lists, OpenedBundle bundle, string device)
    {
        _tokens = [.. tokens.Where(token => token.Claims.Status is not null)];
        _lists = lists;
        _bundle = bundle;
        _device = device;
    }

    public bool IsNeeded => _tokens.Count > 0;

    /// <summary>The version of the host's lists; another one means that something was added.</summary>
    public int Version => _lists?.Version ?? 0;

    /// <summary>The lists in use, for what the ledger remembers of them.</summary>
    public IEnumerable<(LicenseToken Token, StatusList List)> InUse =>
        _tokens.Where(token => _verified.ContainsKey(token.Claims.Status!.Uri)).Select(token => (token, _verified[token.Claims.Status!.Uri]));

    /// <exception cref="LicenseException">The license is revoked, or its status is not known any more and must be.</exception>
    public StatusVerdict Check(DateTimeOffset now, OfflineTerms? offline)
    {
        var verdict = StatusVerdict.Current;
        foreach (var token in _tokens)
        {
            var list = Find(token, now);
            if (list is not null)
            {
                RequireValid(token, list);
            }

            verdict = verdict.And(offline is null ? Advise(list, now) : Insist(token, list, offline, now));
        }

        return verdict;
    }

    private StatusList? Find(LicenseToken token, DateTimeOffset now)
    {
        var reference = token.Claims.Status!;
        if (_lists?.Known(reference.Uri) is not { } list)
        {
            return null;
        }

        if (!_verified.TryGetValue(reference.Uri, out var verified) || !ReferenceEquals(verified, list))
        {
            if (!list.IsOf(token))
            {
                throw StatusList.Invalid($"What is at hand for the status list '{reference.Uri}' is not that list, signed by '{CompactToken.Shown(token.Claims.Issuer)}'");
            }

            if (reference.Index >= list.Count)
            {
                throw StatusList.Invalid($"The status list '{reference.Uri}' speaks of {list.Count} licenses, and this one has the index {reference.Index}");
            }

            _verified[reference.Uri] = list;
        }

        return list.IssuedAt <= now + LicenseClock.Leeway
            ? list
            : throw new LicenseException(LicenseError.NotYetValid, $"The status list '{reference.Uri}' was issued at {LicenseClock.Shown(list.IssuedAt)}, and it is {LicenseClock.Shown(now)}. Set the clock.");
    }

    // A revocation does not end with its list.
    private void RequireValid(LicenseToken token, StatusList list)
    {
        var (error, what) = list[token.Claims.Status!.Index] switch
        {
            0 when list.Devices.Contains(_device, StringComparer.Ordinal) => (LicenseError.DeviceRevoked, $"the device {_device}"),
            0 when list.Manifests.Contains(_bundle.ManifestDigest, StringComparer.Ordinal) => (LicenseError.BundleRevoked, $"the bundle {_bundle.Manifest.Id} {_bundle.Manifest.Version}"),
            0 when _bundle.Signature is { } signature && list.Signers.Any(signer => signer.Refuses(signature)) => (LicenseError.SignerRevoked, $"the certificate '{signature.Signer}', which signed the bundle"),
            0 => ((LicenseError?)null, ""),
            2 => (LicenseError.Suspended, "the license for now"),
            _ => (LicenseError.Revoked, "the license"),
        };
        if (error is { } refusal)
        {
            throw new LicenseException(refusal, $"'{CompactToken.Shown(list.Issuer)}' has revoked {what}, by its status list of {LicenseClock.Shown(list.IssuedAt)}. Ask it why.");
        }
    }

    private static StatusVerdict Advise(StatusList? list, DateTimeOffset now) =>
        list is null || list.Expires <= now
            ? new StatusVerdict(EntitlementState.Advisory, null, null)
            : new StatusVerdict(EntitlementState.Current, list.Expires, null);

    private static StatusVerdict Insist(LicenseToken token, StatusList? list, OfflineTerms offline, DateTimeOffset now)
    {
        // The issuer's signature under the license is news from it, too.
        var news = list is null || list.IssuedAt < token.Claims.IssuedAt ? token.Claims.IssuedAt : list.IssuedAt;
        var budget = Later(news, offline.Max);
        var isListsEnd = list?.Expires < budget;
        var fresh = isListsEnd ? list!.Expires!.Value : budget;
        var end = Later(fresh, offline.Grace);
        if (now < fresh)
        {
            return new StatusVerdict(EntitlementState.Current, fresh, end);
        }

        if (now < end)
        {
            return new StatusVerdict(EntitlementState.Grace, end, end);
        }

        throw isListsEnd
            ? new LicenseException(LicenseError.StatusStale, $"The status list '{list!.Uri}' ended at {LicenseClock.Shown(fresh)}, and it is {LicenseClock.Shown(now)}. Connect the device so that it fetches a fresh one, or bring it a file.")
            : new LicenseException(LicenseError.OfflineBudgetExceeded, $"The license allows {offline.Max.TotalHours:0.##} hours without news from its issuer{(offline.Grace > TimeSpan.Zero ? $" and {offline.Grace.TotalHours:0.##} of grace" : "")}; the last is of {LicenseClock.Shown(news)}, and it is {LicenseClock.Shown(now)}. Connect the device so that it fetches a fresh status list, or bring it a file.");
    }

    private static DateTimeOffset Later(DateTimeOffset time, TimeSpan span) => span < DateTimeOffset.MaxValue - time ? time + span : DateTimeOffset.MaxValue;
}
