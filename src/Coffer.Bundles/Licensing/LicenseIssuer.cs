using System.Security.Cryptography;

namespace Coffer.Bundles;

/// <summary>Issues licenses in an issuer's name. Safe for concurrent use where its key is.</summary>
public sealed class LicenseIssuer
{
    private const int IdSize = 16;

    private readonly IDeviceKey _key;
    private readonly TimeProvider _clock;

    /// <summary>Creates the issuer.</summary>
    /// <param name="name">Its name, as applications' trust stores have it.</param>
    /// <param name="key">Its keys: one signs licenses, one opens grants. Stays the caller's to dispose.</param>
    /// <param name="clock">For <c>iat</c>; the system's where null.</param>
    public LicenseIssuer(string name, IDeviceKey key, TimeProvider? clock = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(key);
        Name = name;
        _key = key;
        _clock = clock ?? TimeProvider.System;
    }

    /// <summary>The <c>iss</c> of its licenses.</summary>
    public string Name { get; }

    /// <summary>Issues a license.</summary>
    /// <param name="request">What it is to say.</param>
    /// <param name="grants">The grants that this issuer has; those that the request does not need are ignored.</param>
    /// <returns>The text of the license file: one line.</returns>
    /// <exception cref="ArgumentException">The request contradicts itself: a quota below 1, or an end before its beginning.</exception>
    /// <exception cref="KeyException">
    /// <see cref="KeyError.NotFound"/>: no grant of a content key, or a quota for a device without a ledger.
    /// <see cref="KeyError.UnwrapFailed"/>: a grant is for another issuer's key.
    /// </exception>
    public string Issue(LicenseRequest request, IEnumerable<KeyGrant> grants)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(grants);
        RequireSense(request);
        var granted = grants.ToList();
        return Write(request, WrapKeys(request, id => Granted(granted, id)), parent: null);
    }

    /// <summary>Issues a narrower license below one that this key is the delegate of.</summary>
    /// <param name="parent">The license to the delegate, verified.</param>
    /// <param name="request">What the license is to say; see <see cref="LicenseRequest.Under"/>.</param>
    /// <returns>The text of the license file: the parent's lines and one more.</returns>
    /// <exception cref="ArgumentException">The request contradicts itself.</exception>
    /// <exception cref="LicenseException">
    /// <see cref="LicenseError.DelegationInvalid"/>: the parent is not for this key. <see cref="LicenseError.Widened"/>: the request
    /// asks for more than the parent gives.
    /// </exception>
    /// <exception cref="KeyException"><see cref="KeyError.NotFound"/>: the parent carries no such content key.</exception>
    public string Narrow(VerifiedLicense parent, LicenseRequest request)
    {
        ArgumentNullException.ThrowIfNull(parent);
        ArgumentNullException.ThrowIfNull(request);
        RequireSense(request);
        if (parent.Claims.Delegate is not { } to || !to.Key.Equals(_key.SigningKey))
        {
            throw new LicenseException(LicenseError.DelegationInvalid, $"The license lets {(parent.Claims.Delegate is { } other ? other.Key.Thumbprint : "nobody")} add a token below it, and this key is {_key.SigningKey.Thumbprint}. Use the key that it was issued to.");
        }

        return Write(request, WrapKeys(request, id => Inherited(parent, id)), parent);
    }

    private string Write(LicenseRequest request, List<LicensedKey> keys, VerifiedLicense? parent)
    {
        var isForDevice = request.DelegationDepth == 0;
        var claims = new LicenseClaims
        {
            Issuer = Name,
            Licensee = request.Licensee,
            Audience = request.Audience,
            TokenId = NewId(),
            LicenseId = request.LicenseId ?? NewId(),
            Sequence = request.Sequence,
            IssuedAt = _clock.GetUtcNow(),
            NotBefore = request.NotBefore,
            Expires = request.Expires,
            Device = isForDevice ? request.Recipient.SigningKey.Thumbprint : null,
            Ledger = isForDevice ? request.Recipient.LedgerId : null,
            Models = request.Models,
            Keys = keys,
            Tasks = request.Tasks,
            Targets = request.Targets,
            Providers = request.Providers,
            Calls = request.Calls,
            Window = request.Window,
            Concurrent = request.Concurrent,
            Offline = request.Offline,
            Status = request.Status,
            Remote = request.Remote,
            Delegate = isForDevice ? null : new LicenseDelegation(request.Recipient.SigningKey, request.DelegationDepth),
            Previous = parent?.License.Digest,
            Watermark = request.Watermark,
            MinSdk = request.MinSdk,
        };
        var token = Jws.Sign(License.Type, LicenseClaimsWriter.Write(claims), _key) + "\n";
        var text = parent is null ? token : $"{parent.License.Text}\n{token}";

        // What the verifier would refuse to read must not leave the issuer.
        _ = License.Parse(text);
        return text;
    }

    private static List<LicensedKey> WrapKeys(LicenseRequest request, Func<string, (PartGroup Group, Func<ContentKey> Open)> find)
    {
        var keys = new List<LicensedKey>();
        foreach (var id in request.KeyIds)
        {
            var (group, open) = find(id);
            if (group == PartGroup.Weights && !request.Targets.Contains(ExecutionTarget.Local))
            {
                continue;
            }

            using var key = open();
            keys.Add(new LicensedKey(id, group, WrappedContentKey.Wrap(key, request.Recipient.AgreementKey)));
        }

        return keys;
    }

    private (PartGroup Group, Func<ContentKey> Open) Granted(List<KeyGrant> grants, string id)
    {
        var grant = grants.Find(grant => grant.KeyId == id && grant.Issuer == Name)
            ?? throw new KeyException(KeyError.NotFound, $"The issuer '{Name}' has no grant of the content key '{id}'. Ask the publisher for one.");
        return (grant.Group, () => grant.Open(_key));
    }

    private (PartGroup Group, Func<ContentKey> Open) Inherited(VerifiedLicense parent, string id)
    {
        var key = parent.Claims.Keys.FirstOrDefault(key => key.KeyId == id)
            ?? throw new KeyException(KeyError.NotFound, $"The license of '{parent.Claims.Licensee}' carries no content key '{id}'. Ask the issuer '{parent.Claims.Issuer}' for one that does.");
        return (key.Group, () => WrappedContentKey.Unwrap(key.Jwe, key.KeyId, _key));
    }

    private static void RequireSense(LicenseRequest request)
    {
        if (request.Calls < 1)
        {
            throw new ArgumentException($"A license of {request.Calls} calls allows nothing; give at least 1, or null for any number.", nameof(request));
        }

        if (request.Expires <= request.NotBefore)
        {
            throw new ArgumentException("The license would expire before it begins.", nameof(request));
        }

        RequireSenseOfTerms(request);
        if ((request.Calls is not null || request.Concurrent is not null || request.Offline is not null) && request.DelegationDepth == 0 && request.Recipient.LedgerId is null)
        {
            throw new KeyException(KeyError.NotFound, "A license that counts calls or time needs a device with a ledger, and the device's public file names none. Export the public file again on the device.");
        }
    }

    private static void RequireSenseOfTerms(LicenseRequest request)
    {
        if (request.Window is { } window && (request.Calls is null || window < TimeSpan.FromSeconds(1) || window.Ticks % TimeSpan.TicksPerSecond != 0))
        {
            throw new ArgumentException("A window is of whole seconds, and needs a number of calls in it.", nameof(request));
        }

        if (request.Concurrent is < 1 or > 1024)
        {
            throw new ArgumentException($"{request.Concurrent} calls at once is not a limit; give 1 to 1024.", nameof(request));
        }

        if (request.Offline is { } offline && (offline.Max < TimeSpan.FromSeconds(1) || offline.Grace < TimeSpan.Zero))
        {
            throw new ArgumentException("The time without news is of at least a second, and its grace is not negative.", nameof(request));
        }

        if (request.DelegationDepth is < 0 or >= License.MaxTokens)
        {
            throw new ArgumentException($"A license can't be passed on {request.DelegationDepth} times; give 0 to {License.MaxTokens - 1}.", nameof(request));
        }
    }

    private static string NewId() => Base64UrlStrict.Encode(RandomNumberGenerator.GetBytes(IdSize));
}
