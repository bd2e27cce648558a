using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Coffer.Bundles;

namespace Coffer.Corpus;

/// <summary>Licenses of two and three tokens: <c>other device</c> is the delegate, which passes the issuer's license on to the device.</summary>
internal static class DelegationVectors
{
    private const string Spec = "LICENSES.md Delegation";

    public static IEnumerable<Vector> All() => [.. Chains(), .. Links(), .. Wider()];

    private static IEnumerable<Vector> Chains()
    {
        yield return Case("delegated-valid", "a delegate passes the license on", null, Below(Parent()));
        yield return Case("delegated-inherits", "the token below states who and for which device, and inherits the rest", null, Below(Parent(), Inherit));
        yield return Case("delegated-narrower", "one version, one provider, less time", null, Below(Parent(), claims =>
        {
            Model(claims)["version"] = "[1.2.0]";
            claims["providers"] = new JsonArray("cpu");
            claims["exp"] = CorpusPublisher.Now.AddDays(1).ToUnixTimeSeconds();
        }));
        yield return Case("delegated-twice", "and the next delegate, too", null, Below(Below(Parent(depth: 2), claims => (claims["cnf"], claims["delegate"]) = (null, Delegate(CorpusDevice.Publisher, 1)), removeNull: true), signer: CorpusDevice.Publisher));
        yield return Case("delegate-alone", "the delegate's own license, for no device", LicenseError.NotForADevice, Parent());
        yield return Case("delegated-empty-tasks", "no tasks are left", LicenseError.TaskNotLicensed, Below(Parent(), claims => claims["tasks"] = new JsonArray()));
        yield return Case("delegated-parent-expired", "the token above has ended", LicenseError.Expired, Below(Parent(edit: claims => claims["exp"] = CorpusPublisher.Now.ToUnixTimeSeconds()), claims => claims.Remove("exp")));
    }

    private static IEnumerable<Vector> Links()
    {
        var (parent, good) = (Parent(), Below(Parent()));
        var below = good.Split('\n')[1];
        yield return Case("delegated-without-parent", "the token above is missing", LicenseError.DelegationInvalid, below);
        yield return Case("delegated-reversed", "the tokens in the other order", LicenseError.DelegationInvalid, $"{below}\n{parent}");
        yield return Case("delegated-other-parent", "below another token of the same delegate", LicenseError.DelegationInvalid, $"{Parent(edit: claims => claims["jti"] = "token-9")}\n{below}");
        yield return Case("delegated-without-prev", "no prev", LicenseError.DelegationInvalid, Below(parent, claims => claims.Remove("prev")));
        yield return Case("delegated-below-a-leaf", "below a token that lets nobody add one", LicenseError.DelegationInvalid, Below(CorpusLicenses.Sign(CorpusLicenses.Claims().ToJsonString())));
        yield return Case("delegated-too-deep", "deeper than the token above allows", LicenseError.Widened, Below(Parent(), claims => (claims["cnf"], claims["delegate"]) = (null, Delegate(CorpusDevice.Publisher, 1)), removeNull: true));
        yield return Case("delegated-nine", "nine tokens", LicenseError.DelegationInvalid, string.Join('\n', Enumerable.Repeat(parent, 9)));
        yield return Case("delegated-by-a-stranger", "the token below is signed by another key than the delegate's", LicenseError.SignatureInvalid, Below(parent, signer: CorpusDevice.Publisher));
        yield return Case("delegated-by-the-issuer", "the token below is signed by the issuer", LicenseError.SignatureInvalid, Below(parent, signer: CorpusDevice.Issuer));
        yield return Case("first-with-prev", "a first token that names one above", LicenseError.DelegationInvalid, CorpusLicenses.Sign(Edited(CorpusLicenses.Claims(), claims => claims["prev"] = new string('A', 43)).ToJsonString()));
    }

    private static IEnumerable<Vector> Wider()
    {
        foreach (var (slug, claim, above, below) in new (string, string, string?, string)[]
        {
            ("exp", "exp", null, "1782907201"),
            ("tasks", "tasks", null, "[\"*\"]"),
            ("targets", "targets", null, "[\"local\",\"remote\"]"),
            ("providers", "providers", "[\"cpu\"]", "[\"cpu\",\"cuda\"]"),
            ("audience", "aud", "\"app-1\"", "\"app-2\""),
            ("versions", "models", null, "[{\"id\":\"acme/digits\",\"version\":\"[1.0.0,2.0.0]\"}]"),
            ("model", "models", null, "[{\"id\":\"acme/digits\"},{\"id\":\"acme/letters\"}]"),
            ("digest", "models", $"[{{\"id\":\"acme/digits\",\"digest\":\"{new string('0', 64)}\"}}]", "[{\"id\":\"acme/digits\"}]"),
            ("calls", "quota", "{\"calls\":10}", "{\"calls\":11}"),
            ("window", "quota", "{\"calls\":10,\"window\":60}", "{\"calls\":10,\"window\":59}"),
            ("concurrent", "quota", "{\"concurrent\":2}", "{\"concurrent\":3}"),
            ("watermark", "watermark", "\"a\"", "\"b\""),
            ("min-sdk", "min_sdk", "\"0.1.0\"", "\"0.0.9\""),
            ("endpoint", "remote", "{\"endpoints\":[\"https://x.example/v1\"]}", "{\"endpoints\":[\"https://x.example/v2\"]}"),
            ("desensitise", "remote", "{\"endpoints\":[\"*\"],\"desensitise\":[\"faces\"]}", "{\"endpoints\":[\"*\"],\"desensitise\":[]}"),
        })
        {
            var parent = Parent(edit: above is null ? null : claims => claims[claim] = JsonNode.Parse(above));
            yield return Case($"wider-{slug}", $"the token below gives more in '{claim}'", LicenseError.Widened, Below(parent, claims => claims[claim] = JsonNode.Parse(below)));
        }
    }

    private static string Parent(int depth = 1, Action<JsonObject>? edit = null) => CorpusLicenses.Sign(Edited(CorpusLicenses.Claims(), claims =>
    {
        _ = claims.Remove("cnf");
        claims["sub"] = "oem";
        claims["delegate"] = Delegate(CorpusDevice.OtherDevice, depth);
        edit?.Invoke(claims);
    }).ToJsonString());

    private static string Below(string above, Action<JsonObject>? edit = null, IDeviceKey? signer = null, bool removeNull = false)
    {
        var claims = Edited(CorpusLicenses.Claims(), claims =>
        {
            (claims["iss"], claims["jti"], claims["lid"]) = ("oem", "token-2", "grant-2");
            claims["prev"] = Base64UrlStrict.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(above.Split('\n')[^1])));
            edit?.Invoke(claims);
            if (removeNull)
            {
                _ = claims.Remove("cnf");
            }
        });
        return $"{above}\n{CorpusLicenses.Sign(claims.ToJsonString(), key: signer ?? CorpusDevice.OtherDevice)}";
    }

    private static void Inherit(JsonObject claims)
    {
        foreach (var name in new[] { "exp", "models", "tasks", "targets", "providers" })
        {
            _ = claims.Remove(name);
        }
    }

    private static JsonObject Delegate(CorpusDevice key, int depth) => new() { ["jwk"] = JsonNode.Parse(key.SigningKey.ToJson()), ["depth"] = depth };

    private static JsonNode Model(JsonObject claims) => claims["models"]![0]!;

    private static JsonObject Edited(JsonObject claims, Action<JsonObject> edit)
    {
        edit(claims);
        return claims;
    }

    private static Vector Case(string name, string what, LicenseError? error, string text) => new(name, what, Spec, error?.ToString(), null, Encoding.UTF8.GetBytes(text));
}
