using System.Text;
using System.Text.Json.Nodes;
using Coffer.Bundles;

namespace Coffer.Corpus;

/// <summary>Grants of the publisher to the issuer.</summary>
internal static class GrantVectors
{
    private const string Type = "coffer-grant+jwt";

    public static IEnumerable<Vector> All()
    {
        yield return Accepted("valid", "nothing is wrong", Signed(_ => { }) + "\n");
        yield return Refused("signed-by-issuer", "signed by the issuer itself", KeyError.Malformed, CorpusLicenses.Sign(Claims().ToJsonString(), Type, CorpusDevice.Issuer));
        yield return Refused("typ-license", "typ is a license's", KeyError.Malformed, CorpusLicenses.Sign(Claims().ToJsonString(), License.Type, CorpusDevice.Publisher));
        foreach (var name in new[] { "iss", "sub", "kid", "group", "jwe", "iat" })
        {
            yield return Refused($"without-{name}", $"'{name}' is missing", KeyError.Malformed, Signed(claims => claims.Remove(name)));
        }

        yield return Refused("group-other", "the group is not the key id's", KeyError.Malformed, Signed(claims => claims["group"] = "settings"));
        yield return Refused("key-id-folder", "the key id leads out of its folder", KeyError.Malformed, Signed(claims => claims["kid"] = "../digits.weights.1"));
        yield return Refused("iat-too-high", "a time beyond the year 9999", KeyError.Malformed, Signed(claims => claims["iat"] = 253402300800));
        yield return Refused("key-for-another", "the key is wrapped to somebody else", KeyError.UnwrapFailed, Signed(claims => claims["jwe"] = CorpusLicenses.Wrap(CorpusContentKeys.Weights, CorpusDevice.OtherDevice.AgreementKey)));
        yield return Refused("key-under-another-id", "another key is wrapped", KeyError.UnwrapFailed, Signed(claims => claims["jwe"] = CorpusLicenses.Wrap(CorpusContentKeys.Settings, CorpusDevice.Issuer.AgreementKey)));
    }

    private static JsonObject Claims() => new()
    {
        ["iss"] = CorpusPublisher.Name,
        ["sub"] = CorpusLicenses.Issuer,
        ["kid"] = CorpusContentKeys.Weights,
        ["group"] = "weights",
        ["jwe"] = CorpusLicenses.Wrap(CorpusContentKeys.Weights, CorpusDevice.Issuer.AgreementKey),
        ["iat"] = CorpusPublisher.Now.ToUnixTimeSeconds(),
    };

    private static string Signed(Action<JsonObject> edit)
    {
        var claims = Claims();
        edit(claims);
        return CorpusLicenses.Sign(claims.ToJsonString(), Type, CorpusDevice.Publisher);
    }

    private static Vector Accepted(string name, string what, string text) => new(name, what, "LICENSES.md Grant", null, null, Encoding.UTF8.GetBytes(text));

    private static Vector Refused(string name, string what, KeyError error, string text) => new(name, what, "LICENSES.md Grant", error.ToString(), null, Encoding.UTF8.GetBytes(text));
}
