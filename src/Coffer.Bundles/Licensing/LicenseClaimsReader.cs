using System.Text.Json;

namespace Coffer.Bundles;

/// <summary>Reads the claims of a license. Unknown claims are ignored (RFC 7519 §4); unknown members of a known claim are limits nobody enforces.</summary>
internal sealed class LicenseClaimsReader
{
    private const int MaxText = 256;
    private const int MaxList = 256;
    private const int DigestLength = 64;
    private const int ThumbprintLength = 43;

    private readonly List<string> _notEnforced = [];

    /// <exception cref="FormatException">A claim is missing or of another form than LICENSES.md fixes; the message names it.</exception>
    public static LicenseClaims Read(byte[] payload) => StrictJson.Read(payload, claims => new LicenseClaimsReader().Read(claims));

    private LicenseClaims Read(JsonElement claims)
    {
        var confirmation = Object(claims, ClaimNames.Confirmation, ["jkt", "ledger"]);
        var quota = Object(claims, ClaimNames.Quota, ["calls", "window", "concurrent"]);
        var read = new LicenseClaims
        {
            Issuer = Text(claims, ClaimNames.Issuer),
            Licensee = Text(claims, ClaimNames.Subject),
            Audience = OptionalText(claims, ClaimNames.Audience),
            TokenId = Text(claims, ClaimNames.TokenId),
            LicenseId = Text(claims, ClaimNames.LicenseId),
            Sequence = OptionalNumber(claims, ClaimNames.Sequence) ?? throw Missing(ClaimNames.Sequence),
            IssuedAt = OptionalTime(claims, ClaimNames.IssuedAt) ?? throw Missing(ClaimNames.IssuedAt),
            NotBefore = OptionalTime(claims, ClaimNames.NotBefore),
            Expires = OptionalTime(claims, ClaimNames.Expires),
            Device = confirmation is { } device ? Digest(device, "jkt", "cnf.jkt") : null,
            Ledger = confirmation is { } bound ? OptionalText(bound, "ledger") : null,
            Models = List(claims, ClaimNames.Models, Model),
            Keys = List(claims, ClaimNames.Keys, Key),
            Tasks = List(claims, ClaimNames.Tasks, item => Item(item, ClaimNames.Tasks)),
            Targets = [.. List(claims, ClaimNames.Targets, Target).OfType<ExecutionTarget>().Distinct()],
            Providers = List(claims, ClaimNames.Providers, item => Item(item, ClaimNames.Providers)),
            Calls = quota is { } calls ? Positive(calls, "calls", "quota.calls") : null,
            Window = quota is { } window && Positive(window, "window", "quota.window", MaxSpan) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            Concurrent = quota is { } concurrent ? (int?)Positive(concurrent, "concurrent", "quota.concurrent", MaxConcurrent) : null,
            Offline = Offline(claims),
            Status = Status(claims),
            Remote = Remote(claims),
            Delegate = Delegate(claims),
            Previous = claims.TryGetProperty(ClaimNames.Previous, out _) ? Digest(claims, ClaimNames.Previous, ClaimNames.Previous) : null,
            Watermark = OptionalText(claims, ClaimNames.Watermark),
            MinSdk = OptionalText(claims, ClaimNames.MinSdk) is { } version ? Version(version) : null,
            Must = List(claims, ClaimNames.Must, item => Item(item, ClaimNames.Must)),
        };
        RequireSense(read, quota);
        return read with
        {
            NotEnforced = [.. _notEnforced.Distinct()],
            Stated = claims.EnumerateObject().Select(member => member.Name).ToHashSet(StringComparer.Ordinal),
        };
    }

    // What limits nothing, or can't be held to, is a mistake of its issuer and not for the verifier to guess about.
    private static void RequireSense(LicenseClaims claims, JsonElement? quota)
    {
        if (quota is { } limits && (!limits.EnumerateObject().Any() || (claims.Window is not null && claims.Calls is null)))
        {
            throw Wrong(ClaimNames.Quota);
        }

        // A token above with a status list may be meant, so that only a first one is wrong by itself.
        if (claims.Offline is not null && claims.Status is null && claims.Previous is null)
        {
            throw new FormatException("The claim 'offline' needs the claim 'status'.");
        }

        if (claims.Device is null && claims.Delegate is null)
        {
            throw Missing(ClaimNames.Confirmation);
        }
    }

    private LicensedModel Model(JsonElement model)
    {
        NoteUnknown(model, ClaimNames.Models, ["id", "version", "digest"]);
        var versions = OptionalText(model, "version") is not { } text ? VersionRange.Any
            : VersionRange.TryParse(text, out var range) ? range : throw Wrong("models.version");
        var digest = OptionalText(model, "digest");
        return digest is null || (digest.Length == DigestLength && digest.All(char.IsAsciiHexDigitLower))
            ? new LicensedModel(Text(model, "id"), versions, digest)
            : throw Wrong("models.digest");
    }

    private LicensedKey Key(JsonElement key)
    {
        NoteUnknown(key, ClaimNames.Keys, ["kid", "group", "jwe"]);
        return KeyGroupName.TryParse(Text(key, "group"), out var group) && key.TryGetProperty("jwe", out var jwe) && jwe.GetString() is { Length: <= Jwe.MaxLength } wrapped
            ? new LicensedKey(Text(key, "kid"), group, wrapped)
            : throw Wrong(ClaimNames.Keys);
    }

    private static ExecutionTarget? Target(JsonElement target) => Item(target, ClaimNames.Targets) switch
    {
        "local" => ExecutionTarget.Local,
        "remote" => ExecutionTarget.Remote,
        _ => null,
    };

    private OfflineTerms? Offline(JsonElement claims)
    {
        if (Object(claims, ClaimNames.Offline, ["max", "grace"]) is not { } offline)
        {
            return null;
        }

        var max = Positive(offline, "max", "offline.max", MaxSpan) ?? throw Missing("offline.max");
        var grace = OptionalNumber(offline, "grace") ?? 0;
        return grace <= MaxSpan ? new OfflineTerms(TimeSpan.FromSeconds(max), TimeSpan.FromSeconds(grace)) : throw Wrong("offline.grace");
    }

    private StatusReference? Status(JsonElement claims) =>
        Object(claims, ClaimNames.Status, ["uri", "idx"]) is not { } status ? null
        : IsAddress(Text(status, "uri")) ? new StatusReference(Text(status, "uri"), OptionalNumber(status, "idx") ?? throw Missing("status.idx"))
        : throw Wrong("status.uri");

    private RemoteTerms? Remote(JsonElement claims)
    {
        if (Object(claims, ClaimNames.Remote, ["endpoints", "desensitise"]) is not { } remote)
        {
            return null;
        }

        var endpoints = List(remote, "endpoints", item => Item(item, "remote.endpoints"));
        return endpoints.TrueForAll(endpoint => endpoint == Entitlement.Any || IsAddress(endpoint))
            ? new RemoteTerms(endpoints, List(remote, "desensitise", item => Item(item, "remote.desensitise")))
            : throw Wrong("remote.endpoints");
    }

    private LicenseDelegation? Delegate(JsonElement claims)
    {
        if (Object(claims, ClaimNames.Delegate, ["jwk", "depth"]) is not { } to)
        {
            return null;
        }

        var depth = Positive(to, "depth", "delegate.depth", License.MaxTokens - 1) ?? 1;
        try
        {
            return to.TryGetProperty("jwk", out var jwk) && jwk.ValueKind == JsonValueKind.Object && JsonWebKey.Read(jwk) is { IsEllipticCurve: true, Use: not KeyUse.Encryption } key
                ? new LicenseDelegation(key, (int)depth)
                : throw Wrong("delegate.jwk");
        }
        catch (KeyException)
        {
            throw Wrong("delegate.jwk");
        }
    }

    private static long? Positive(JsonElement parent, string member, string name, long max = long.MaxValue) => OptionalNumber(parent, member) switch
    {
        null => null,
        > 0 and var number when number <= max => number,
        _ => throw Wrong(name),
    };

    private static string Digest(JsonElement parent, string member, string name) => Text(parent, member) is { Length: ThumbprintLength } digest ? digest : throw Wrong(name);

    private static bool IsAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp);

    private JsonElement? Object(JsonElement parent, string name, string[] known)
    {
        if (!parent.TryGetProperty(name, out var value))
        {
            return null;
        }

        NoteUnknown(value, name, known);
        return value;
    }

    private void NoteUnknown(JsonElement value, string name, string[] known) =>
        _notEnforced.AddRange(value.EnumerateObject().Where(member => !known.Contains(member.Name)).Select(member => $"{name}.{CompactToken.Shown(member.Name)}"));

    private static List<T> List<T>(JsonElement claims, string name, Func<JsonElement, T> read)
    {
        if (!claims.TryGetProperty(name, out var list))
        {
            return [];
        }

        return list.GetArrayLength() <= MaxList ? [.. list.EnumerateArray().Select(read)] : throw Wrong(name);
    }

    private static string Item(JsonElement item, string name) => item.GetString() is { Length: > 0 and <= MaxText } text ? text : throw Wrong(name);

    private static string Text(JsonElement parent, string name) => OptionalText(parent, name) ?? throw Missing(name);

    private static string? OptionalText(JsonElement parent, string name) => parent.TryGetProperty(name, out var value) ? Item(value, name) : null;

    private static long? OptionalNumber(JsonElement parent, string name)
    {
        if (!parent.TryGetProperty(name, out var value))
        {
            return null;
        }

        return value.TryGetInt64(out var number) && number >= 0 ? number : throw Wrong(name);
    }

    private static DateTimeOffset? OptionalTime(JsonElement parent, string name) =>
        !parent.TryGetProperty(name, out var value) ? null
        : StrictJson.TryTime(value, out var time) ? time
        : throw Wrong(name);

    private static SemanticVersion Version(string text) => SemanticVersion.TryParse(text, out var version) ? version : throw Wrong(ClaimNames.MinSdk);

    private static FormatException Missing(string name) => new($"The claim '{name}' is missing.");

    private static FormatException Wrong(string name) => new($"The claim '{name}' is not of the required form.");

    // A thousand years.
    private const long MaxSpan = 31_557_600_000;

    private const int MaxConcurrent = 1024;
}
