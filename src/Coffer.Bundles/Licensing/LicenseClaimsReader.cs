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
        _notEnforced.AddRange(ClaimNames.NotEnforced.Where(name => claims.TryGetProperty(name, out _)));
        var confirmation = Object(claims, ClaimNames.Confirmation, ["jkt", "ledger"]) ?? throw Missing(ClaimNames.Confirmation);
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
            Device = Text(confirmation, "jkt") is { Length: ThumbprintLength } thumbprint ? thumbprint : throw Wrong("cnf.jkt"),
            Ledger = OptionalText(confirmation, "ledger"),
            Models = List(claims, ClaimNames.Models, Model),
            Keys = List(claims, ClaimNames.Keys, Key),
            Tasks = List(claims, ClaimNames.Tasks, item => Item(item, ClaimNames.Tasks)),
            Targets = [.. List(claims, ClaimNames.Targets, Target).OfType<ExecutionTarget>().Distinct()],
            Providers = List(claims, ClaimNames.Providers, item => Item(item, ClaimNames.Providers)),
            Calls = Quota(claims),
            MinSdk = OptionalText(claims, ClaimNames.MinSdk) is { } version ? Version(version) : null,
            Must = List(claims, ClaimNames.Must, item => Item(item, ClaimNames.Must)),
        };
        return read with { NotEnforced = [.. _notEnforced.Distinct()] };
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

    private long? Quota(JsonElement claims)
    {
        if (Object(claims, ClaimNames.Quota, ["calls"]) is not { } quota)
        {
            return null;
        }

        // A quota of other limits only is named in NotEnforced; one that limits nothing is a mistake of its issuer.
        var calls = OptionalNumber(quota, "calls");
        return calls > 0 || (calls is null && quota.EnumerateObject().Any()) ? calls : throw Wrong("quota.calls");
    }

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

    private static DateTimeOffset? OptionalTime(JsonElement parent, string name) => OptionalNumber(parent, name) switch
    {
        null => null,
        <= LastSecond and var seconds => DateTimeOffset.FromUnixTimeSeconds(seconds),
        _ => throw Wrong(name),
    };

    private static SemanticVersion Version(string text) => SemanticVersion.TryParse(text, out var version) ? version : throw Wrong(ClaimNames.MinSdk);

    private static FormatException Missing(string name) => new($"The claim '{name}' is missing.");

    private static FormatException Wrong(string name) => new($"The claim '{name}' is not of the required form.");

    // 9999-12-31T23:59:59Z.
    private const long LastSecond = 253402300799;
}
