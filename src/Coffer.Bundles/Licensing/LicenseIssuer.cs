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
            Device = request.Recipient.SigningKey.Thumbprint,
            Ledger = request.Recipient.LedgerId,
            Models = request.Models,
            Keys = WrapKeys(request, [.. grants]),
            Tasks = request.Tasks,
            Targets = request.Targets,
            Providers = request.Providers,
            Calls = request.Calls,
            MinSdk = request.MinSdk,
        };
        var text = Jws.Sign(License.Type, LicenseClaimsWriter.Write(claims), _key) + "\n";

        // What the verifier would refuse to read must not leave the issuer.
        _ = License.Parse(text);
        return text;
    }

    private List<LicensedKey> WrapKeys(LicenseRequest request, List<KeyGrant> grants)
    {
        var keys = new List<LicensedKey>();
        foreach (var id in request.KeyIds)
        {
            var grant = grants.Find(grant => grant.KeyId == id && grant.Issuer == Name)
                ?? throw new KeyException(KeyError.NotFound, $"The issuer '{Name}' has no grant of the content key '{id}'. Ask the publisher for one.");
            if (grant.Group == PartGroup.Weights && !request.Targets.Contains(ExecutionTarget.Local))
            {
                continue;
            }

            using var key = grant.Open(_key);
            keys.Add(new LicensedKey(id, grant.Group, WrappedContentKey.Wrap(key, request.Recipient.AgreementKey)));
        }

        return keys;
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

        if (request.Calls is not null && request.Recipient.LedgerId is null)
        {
            throw new KeyException(KeyError.NotFound, "A license that counts calls needs a device with a ledger, and the device's public file names none. Export the public file again on the device.");
        }
    }

    private static string NewId() => Base64UrlStrict.Encode(RandomNumberGenerator.GetBytes(IdSize));
}
