using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Coffer.Bundles;

namespace Coffer.Corpus;

/// <summary>Licenses for the corpus's valid bundle and its device with one defect each, in the order of LICENSES.md, and some without.</summary>
internal static class LicenseVectors
{
    private const string Tokens = "Tokens";
    private const string Claims = "License";

    private static readonly string Payload = CorpusLicenses.Claims().ToJsonString();
    private static readonly string Token = CorpusLicenses.Sign(Payload);

    /// <summary>The application that asks.</summary>
    public const string Audience = "app-1";

    public static IEnumerable<Vector> All() => [.. Sound(), .. Forms(), .. Headers(), .. Signatures(), .. Members(), .. Terms(), .. Keys(), .. DelegationVectors.All()];

    private static IEnumerable<Vector> Sound()
    {
        yield return Accepted("valid", "nothing is wrong", Token + "\n");
        yield return Accepted("valid-no-line-feed", "no line feed at the end", Token);
        yield return Accepted("valid-no-expiry", "no time at which it ends", Signed(claims => claims.Remove("exp")));
        yield return Accepted("valid-audience", "for the application that asks", Signed(claims => claims["aud"] = Audience));
        yield return Accepted("valid-unknown-claim", "a claim that no reader knows, not in must", Signed(claims => claims["note"] = "hello"));
        yield return Accepted("valid-leeway", "issued five minutes after the present", Signed(claims => claims["iat"] = CorpusPublisher.Now.AddSeconds(300).ToUnixTimeSeconds()));
        yield return Accepted("valid-status", "a status list that is not at hand, and no insisting on it", Signed(claims => claims["status"] = new JsonObject { ["uri"] = "https://x.example", ["idx"] = 0 }));
        yield return Accepted("valid-watermark", "a watermark", Signed(claims => claims["watermark"] = "site-12"));
        yield return Accepted("valid-digest", "for the one manifest", Signed(claims => Model(claims)["digest"] = Convert.ToHexStringLower(SHA256.HashData(SignedBytes()))));
        yield return Accepted("valid-key-hint", "a kid in the header that is nobody's", CorpusLicenses.SignHeader("""{"alg":"ES256","typ":"coffer-license+jwt","kid":"nobody"}""", Payload));
    }

    private static IEnumerable<Vector> Forms()
    {
        yield return Refused("empty", "no text", Tokens, LicenseError.Malformed, "");
        yield return Refused("two-parts", "the signature and its dot are missing", Tokens, LicenseError.Malformed, Token[..Token.LastIndexOf('.')]);
        yield return Refused("four-parts", "a fourth part", Tokens, LicenseError.Malformed, Token + ".AA");
        yield return Refused("json-serialization", "JSON serialization instead of the compact one", Tokens, LicenseError.Malformed, $$"""{"payload":"{{Part(1)}}","protected":"{{Part(0)}}","signature":"{{Part(2)}}"}""");
        yield return Refused("byte-order-mark", "a byte order mark at the start", Tokens, LicenseError.Malformed, "\uFEFF" + Token);
        yield return Refused("leading-space", "a space at the start", Tokens, LicenseError.Malformed, " " + Token);
        yield return Refused("trailing-space", "a space at the end", Tokens, LicenseError.Malformed, Token + " ");
        yield return Refused("padding", "padding behind the payload", Tokens, LicenseError.Malformed, $"{Part(0)}.{Part(1)}==.{Part(2)}");
        yield return Refused("space-in-payload", "a space in the payload", Tokens, LicenseError.Malformed, $"{Part(0)}.{Part(1)[..8]} {Part(1)[8..]}.{Part(2)}");
        yield return Refused("stray-bits", "the signature's last character has bits that stand for nothing", Tokens, LicenseError.Malformed, Token[..^1] + NextWithStrayBit(Token[^1]));
        yield return Refused("standard-base64", "a plus in the signature", Tokens, LicenseError.Malformed, $"{Part(0)}.{Part(1)}.+{Part(2)[1..]}");
        yield return Refused("payload-no-json", "a payload that is no JSON", Claims, LicenseError.Malformed, CorpusLicenses.Sign("hello"));
        yield return Refused("payload-list", "a payload that is a list", Claims, LicenseError.Malformed, CorpusLicenses.Sign($"[{Payload}]"));
        yield return Refused("claim-twice", "a claim is there twice", Claims, LicenseError.Malformed, CorpusLicenses.Sign(Payload[..^1] + ",\"seq\":1}"));
    }

    private static IEnumerable<Vector> Headers()
    {
        foreach (var algorithm in new[] { "none", "None", "HS256", "es256", "ES384", "RS256", "PS256", "EdDSA", "" })
        {
            yield return Header($"alg-{(algorithm.Length == 0 ? "empty" : algorithm)}", $"alg is '{algorithm}'", LicenseError.AlgorithmRefused, $$"""{"alg":"{{algorithm}}","typ":"coffer-license+jwt"}""");
        }

        yield return Header("alg-missing", "no alg", LicenseError.AlgorithmRefused, """{"typ":"coffer-license+jwt"}""");
        yield return Header("alg-list", "alg is a list", LicenseError.Malformed, """{"alg":["ES256"],"typ":"coffer-license+jwt"}""");
        yield return Header("alg-twice", "alg is there twice", LicenseError.Malformed, """{"alg":"ES256","alg":"ES256","typ":"coffer-license+jwt"}""");
        yield return Header("typ-missing", "no typ", LicenseError.WrongType, """{"alg":"ES256"}""");
        yield return Header("typ-other", "typ is JWT", LicenseError.WrongType, """{"alg":"ES256","typ":"JWT"}""");
        yield return Header("typ-grant", "typ is a grant's", LicenseError.WrongType, """{"alg":"ES256","typ":"coffer-grant+jwt"}""");
        yield return Header("typ-upper-case", "typ in upper case", LicenseError.WrongType, """{"alg":"ES256","typ":"COFFER-LICENSE+JWT"}""");
        foreach (var (name, value) in new[]
        {
            ("crit", "[\"exp\"]"), ("jwk", CorpusDevice.Issuer.SigningKey.ToJson()), ("jku", "\"https://example.org\""), ("x5c", "[\"AAAA\"]"),
            ("x5u", "\"https://example.org\""), ("x5t", "\"AAAA\""), ("zip", "\"DEF\""), ("b64", "false"), ("cty", "\"JWT\""), ("nonce", "\"1\""),
        })
        {
            yield return Header($"header-{name}", $"'{name}' in the header", LicenseError.HeaderRefused, $$"""{"alg":"ES256","typ":"coffer-license+jwt","{{name}}":{{value}}}""");
        }

        var header = CorpusLicenses.Encode("""{"alg":"HS256","typ":"coffer-license+jwt"}""");
        var input = $"{header}.{CorpusLicenses.Encode(Payload)}";
        var mac = HMACSHA256.HashData(Encoding.UTF8.GetBytes(CorpusDevice.Issuer.SigningKey.ToJson()), Encoding.ASCII.GetBytes(input));
        yield return Refused("hs256-with-public-key", "a MAC under the issuer's public key", Tokens, LicenseError.AlgorithmRefused, $"{input}.{Base64UrlStrict.Encode(mac)}");
        yield return Refused("unsigned", "alg none and no signature", Tokens, LicenseError.AlgorithmRefused, $"{CorpusLicenses.Encode("""{"alg":"none","typ":"coffer-license+jwt"}""")}.{CorpusLicenses.Encode(Payload)}.");
    }

    private static IEnumerable<Vector> Signatures()
    {
        yield return Refused("issuer-unknown", "an issuer whom nobody trusts", Claims, LicenseError.IssuerUntrusted, Signed(claims => claims["iss"] = "somebody"));
        yield return Refused("signed-by-device", "signed by the device", Claims, LicenseError.SignatureInvalid, CorpusLicenses.Sign(Payload, key: CorpusDevice.Device));
        yield return Refused("signed-by-publisher", "signed by the publisher, who is no issuer", Claims, LicenseError.SignatureInvalid, CorpusLicenses.Sign(Payload, key: CorpusDevice.Publisher));
        yield return Refused("claim-altered", "a claim is another than was signed", Claims, LicenseError.SignatureInvalid, $"{Part(0)}.{CorpusLicenses.Encode(Payload.Replace("customer-7", "customer-8", StringComparison.Ordinal))}.{Part(2)}");
        yield return Refused("header-altered", "a header other than was signed", Claims, LicenseError.SignatureInvalid, $"{CorpusLicenses.Encode("""{"typ":"coffer-license+jwt","alg":"ES256"}""")}.{Part(1)}.{Part(2)}");
        yield return Refused("signature-high-s", "s is the higher of its two values", Tokens, LicenseError.SignatureInvalid, $"{Part(0)}.{Part(1)}.{Base64UrlStrict.Encode(HighS())}");
        yield return Refused("signature-zero", "r and s are zero", Tokens, LicenseError.SignatureInvalid, $"{Part(0)}.{Part(1)}.{Base64UrlStrict.Encode(new byte[64])}");
        yield return Refused("signature-short", "a signature of 63 bytes", Tokens, LicenseError.Malformed, $"{Part(0)}.{Part(1)}.{Base64UrlStrict.Encode(new byte[63])}");
        yield return Refused("signature-der", "a signature in DER", Tokens, LicenseError.Malformed, $"{Part(0)}.{Part(1)}.{Base64UrlStrict.Encode(EcdsaDer.Encode(Base64UrlStrict.Decode(Part(2))))}");
        yield return Refused("signature-missing", "an empty signature", Tokens, LicenseError.Malformed, $"{Part(0)}.{Part(1)}.");
    }

    private static IEnumerable<Vector> Members()
    {
        foreach (var name in new[] { "iss", "sub", "jti", "lid", "seq", "iat", "cnf" })
        {
            yield return Refused($"without-{name}", $"'{name}' is missing", Claims, LicenseError.Malformed, Signed(claims => claims.Remove(name)));
        }

        foreach (var (slug, name, value) in new[]
        {
            ("sub-number", "sub", "7"), ("sub-surrogate", "sub", "\"\\ud800\""), ("iat-text", "iat", "\"1780315200\""), ("iat-fraction", "iat", "1780315200.5"), ("exp-negative", "exp", "-1"),
            ("exp-beyond-9999", "exp", "253402300800"), ("aud-list", "aud", "[\"app-1\"]"), ("seq-negative", "seq", "-1"), ("cnf-list", "cnf", "[]"), ("jkt-short", "cnf", "{\"jkt\":\"AAAA\"}"),
            ("models-object", "models", "{}"), ("model-version", "models", "[{\"id\":\"acme/digits\",\"version\":\"1.x\"}]"), ("model-empty-range", "models", "[{\"id\":\"acme/digits\",\"version\":\"[2.0.0,1.0.0]\"}]"),
            ("model-digest-upper-case", "models", $"[{{\"id\":\"acme/digits\",\"digest\":\"{new string('A', 64)}\"}}]"), ("key-group", "keys", "[{\"kid\":\"digits.settings.1\",\"group\":\"all\",\"jwe\":\"\"}]"),
            ("tasks-text", "tasks", "\"*\""), ("targets-number", "targets", "[1]"), ("quota-zero", "quota", "{\"calls\":0}"), ("quota-empty", "quota", "{}"),
            ("window-without-calls", "quota", "{\"window\":60,\"concurrent\":1}"), ("window-zero", "quota", "{\"calls\":1,\"window\":0}"), ("concurrent-zero", "quota", "{\"concurrent\":0}"),
            ("concurrent-too-many", "quota", "{\"concurrent\":1025}"), ("offline-without-status", "offline", "{\"max\":60}"), ("status-without-idx", "status", "{\"uri\":\"https://x.example\"}"),
            ("status-no-address", "status", "{\"uri\":\"ftp://x.example\",\"idx\":0}"), ("endpoint-no-address", "remote", "{\"endpoints\":[\"x.example\"]}"), ("delegate-without-key", "delegate", "{\"depth\":1}"),
            ("delegate-depth-eight", "delegate", $"{{\"jwk\":{CorpusDevice.OtherDevice.SigningKey.ToJson()},\"depth\":8}}"), ("prev-short", "prev", "\"AAAA\""), ("min-sdk", "min_sdk", "\"one\""),
        })
        {
            yield return Refused(slug, $"'{name}' is {(value.Length < 40 ? value : "of another form")}", Claims, LicenseError.Malformed, With(name, value));
        }
    }

    private static IEnumerable<Vector> Terms()
    {
        var now = CorpusPublisher.Now;
        yield return Term("must-unknown", "must names a claim that no reader knows", LicenseError.RequirementUnknown, claims => (claims["colour"], claims["must"]) = ("blue", new JsonArray("colour")));
        yield return Term("min-sdk-later", "a later SDK is needed", LicenseError.SdkTooOld, claims => claims["min_sdk"] = "999.0.0");
        yield return Term("issued-later", "issued more than five minutes after the present", LicenseError.NotYetValid, claims => claims["iat"] = now.AddSeconds(301).ToUnixTimeSeconds());
        yield return Term("begins-later", "valid from more than five minutes after the present", LicenseError.NotYetValid, claims => claims["nbf"] = now.AddSeconds(301).ToUnixTimeSeconds());
        yield return Term("expired", "ends at the present", LicenseError.Expired, claims => claims["exp"] = now.ToUnixTimeSeconds());
        yield return Term("audience-other", "for another application", LicenseError.AudienceMismatch, claims => claims["aud"] = "app-2");
        yield return Term("audience-case", "for an application of the same name in upper case", LicenseError.AudienceMismatch, claims => claims["aud"] = "APP-1");
        yield return Term("model-other", "for another model", LicenseError.ModelNotLicensed, claims => Model(claims)["id"] = "acme/letters");
        yield return Term("model-none", "for no model", LicenseError.ModelNotLicensed, claims => claims["models"] = new JsonArray());
        yield return Term("model-other-publisher", "for the model of another publisher", LicenseError.ModelNotLicensed, claims => Model(claims)["id"] = "zeta/digits");
        yield return Term("version-other", "for another version", LicenseError.VersionNotLicensed, claims => Model(claims)["version"] = "[1.2.1]");
        yield return Term("version-excluded", "for versions up to this one, excluded", LicenseError.VersionNotLicensed, claims => Model(claims)["version"] = "[1.0.0,1.2.0)");
        yield return Term("digest-other", "for another manifest", LicenseError.DigestMismatch, claims => Model(claims)["digest"] = new string('0', 64));
        yield return Term("task-other", "for another task", LicenseError.TaskNotLicensed, claims => claims["tasks"] = new JsonArray("text-generation"));
        yield return Term("task-none", "no tasks", LicenseError.TaskNotLicensed, claims => claims.Remove("tasks"));
        yield return Term("target-none", "no targets", LicenseError.TargetNotLicensed, claims => claims.Remove("targets"));
        yield return Term("target-unknown", "a target that no reader knows", LicenseError.TargetNotLicensed, claims => claims["targets"] = new JsonArray("moon"));
        yield return Term("device-other", "for another device", LicenseError.DeviceMismatch, claims => claims["cnf"] = new JsonObject { ["jkt"] = CorpusDevice.OtherDevice.SigningKey.Thumbprint });
        yield return Term("quota-member-unknown", "a limit that no reader knows", LicenseError.NotEnforceable, claims => claims["quota"] = new JsonObject { ["calls"] = 5, ["region"] = "eu" });
        yield return Term("status-member-unknown", "a limit of the status that no reader knows", LicenseError.NotEnforceable, claims => claims["status"] = new JsonObject { ["uri"] = "https://x.example", ["idx"] = 0, ["kind"] = "x" });
        yield return Term("concurrent-without-ledger", "calls at once are counted, and the device has no ledger", LicenseError.LedgerMissing, claims => claims["quota"] = new JsonObject { ["concurrent"] = 5 });
        yield return Term("offline-without-ledger", "time without news is counted, and the device has no ledger", LicenseError.LedgerMissing, claims =>
            (claims["status"], claims["offline"]) = (new JsonObject { ["uri"] = "https://x.example", ["idx"] = 0 }, new JsonObject { ["max"] = 60 }));
        yield return Term("offline-over", "the time without news is over", LicenseError.OfflineBudgetExceeded, claims =>
            (claims["iat"], claims["status"], claims["offline"]) = (now.AddSeconds(-61).ToUnixTimeSeconds(), new JsonObject { ["uri"] = "https://x.example", ["idx"] = 0 }, new JsonObject { ["max"] = 60 }));
        yield return Term("quota-without-ledger", "calls are counted, and the device has no ledger", LicenseError.LedgerMissing, claims => claims["quota"] = new JsonObject { ["calls"] = 5 });
    }

    private static IEnumerable<Vector> Keys()
    {
        const string Weights = CorpusContentKeys.Weights;
        yield return Term("key-missing", "no key for the weights", LicenseError.KeyMissing, claims => claims["keys"]!.AsArray().RemoveAt(1));
        yield return Term("key-of-another-generation", "a key of the weights' next generation", LicenseError.KeyMissing, claims => claims["keys"]![1]!["kid"] = "digits.weights.2");
        yield return Key("key-twice", "the settings' key is there twice", null, claims => claims["keys"]!.AsArray().Add(CorpusLicenses.Key(CorpusContentKeys.Settings)));
        yield return Key("key-for-another-device", "the weights' key is wrapped to another device", CorpusLicenses.Wrap(Weights, CorpusDevice.OtherDevice.AgreementKey));
        yield return Key("key-under-another-id", "the settings' key is passed off as the weights'", CorpusLicenses.Wrap(CorpusContentKeys.Settings, CorpusDevice.Device.AgreementKey));
        yield return Key("key-short", "a wrapped key of 16 bytes", CorpusLicenses.Wrap(Weights, CorpusDevice.Device.AgreementKey, $$"""{"kty":"oct","kid":"{{Weights}}","k":"{{new string('A', 22)}}"}"""));
        yield return Key("key-no-json", "what is wrapped is no JSON", CorpusLicenses.Wrap(Weights, CorpusDevice.Device.AgreementKey, "hello"));
        yield return Key("key-other-type", "what is wrapped says that it is an EC key", CorpusLicenses.Wrap(Weights, CorpusDevice.Device.AgreementKey, $$"""{"kty":"EC","kid":"{{Weights}}","k":"{{new string('A', 43)}}"}"""));
        yield return Key("key-other-content-type", "cty is another", CorpusLicenses.Wrap(Weights, CorpusDevice.Device.AgreementKey, contentType: "JWT"));
        foreach (var (slug, header, what) in new[]
        {
            ("alg-dir", "\"alg\":\"dir\",\"enc\":\"A256GCM\"", "alg is dir"),
            ("alg-wrap", "\"alg\":\"ECDH-ES+A256KW\",\"enc\":\"A256GCM\"", "alg is ECDH-ES+A256KW"),
            ("alg-rsa", "\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\"", "alg is RSA-OAEP-256, the device's key is on P-256"),
            ("enc-a128gcm", "\"alg\":\"ECDH-ES\",\"enc\":\"A128GCM\"", "enc is A128GCM"),
            ("enc-cbc", "\"alg\":\"ECDH-ES\",\"enc\":\"A256CBC-HS512\"", "enc is A256CBC-HS512"),
            ("zip", "\"alg\":\"ECDH-ES\",\"enc\":\"A256GCM\",\"zip\":\"DEF\"", "zip in the header"),
            ("apu", "\"alg\":\"ECDH-ES\",\"enc\":\"A256GCM\",\"apu\":\"AA\"", "apu in the header"),
            ("crit", "\"alg\":\"ECDH-ES\",\"enc\":\"A256GCM\",\"crit\":[\"x\"]", "crit in the header"),
        })
        {
            yield return Key($"key-{slug}", $"the weights' key: {what}", WithHeader($"{{{header},\"cty\":\"jwk+json\",\"epk\":{Ephemeral()}}}"));
        }

        yield return Key("key-without-epk", "the weights' key: no ephemeral key", WithHeader("""{"alg":"ECDH-ES","enc":"A256GCM","cty":"jwk+json"}"""));
        yield return Key("key-epk-off-curve", "the weights' key: an ephemeral key off the curve", WithHeader($$"""{"alg":"ECDH-ES","enc":"A256GCM","cty":"jwk+json","epk":{"kty":"EC","crv":"P-256","x":"{{new string('A', 42)}}E","y":"{{new string('A', 42)}}E"} }"""));
        yield return Key("key-epk-p384", "the weights' key: an ephemeral key on P-384", WithHeader($$"""{"alg":"ECDH-ES","enc":"A256GCM","cty":"jwk+json","epk":{"kty":"EC","crv":"P-384","x":"{{new string('A', 64)}}","y":"{{new string('A', 64)}}"} }"""));
        var wrapped = CorpusLicenses.Wrap(Weights, CorpusDevice.Device.AgreementKey).Split('.');
        yield return Key("key-encrypted-key", "the weights' key: an encrypted key beside the agreement", $"{wrapped[0]}.AAAA.{wrapped[2]}.{wrapped[3]}.{wrapped[4]}");
        yield return Key("key-tag-short", "the weights' key: a tag of 12 bytes", $"{wrapped[0]}..{wrapped[2]}.{wrapped[3]}.{Base64UrlStrict.Encode(Base64UrlStrict.Decode(wrapped[4]).AsSpan(0, 12))}");
        yield return Key("key-nonce-long", "the weights' key: a nonce of 16 bytes", $"{wrapped[0]}..{Base64UrlStrict.Encode(new byte[16])}.{wrapped[3]}.{wrapped[4]}");
        yield return Key("key-ciphertext-altered", "the weights' key: another ciphertext", $"{wrapped[0]}..{wrapped[2]}.{(wrapped[3][0] == 'A' ? 'B' : 'A')}{wrapped[3][1..]}.{wrapped[4]}");
        yield return Key("key-four-parts", "the weights' key: four parts", string.Join('.', wrapped[..4]));
    }

    private static string WithHeader(string header) =>
        CorpusLicenses.WrapWithHeader(header, CorpusContentKeys.Weights, CorpusDevice.Device.AgreementKey, $$"""{"kty":"oct","kid":"{{CorpusContentKeys.Weights}}","k":"{{new string('A', 43)}}"}""");

    private static string Ephemeral()
    {
        using var key = DeterministicEcdsa.Named($"ephemeral {CorpusContentKeys.Weights}");
        return JsonWebKey.FromParameters(key.ExportParameters(includePrivateParameters: false), KeyUse.Any).ToJson();
    }

    private static byte[] HighS()
    {
        var signature = Base64UrlStrict.Decode(Part(2));
        var order = new System.Numerics.BigInteger(P256.Order, isUnsigned: true, isBigEndian: true);
        var s = (order - new System.Numerics.BigInteger(signature.AsSpan(32), isUnsigned: true, isBigEndian: true)).ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. signature[..32], .. new byte[32 - s.Length], .. s];
    }

    // 64 bytes end with a character of which two bits count.
    private static char NextWithStrayBit(char last) => (char)(last + 1) is var next && char.IsAsciiLetterOrDigit(next) ? next : throw new InvalidOperationException();

    private static byte[] SignedBytes()
    {
        var bundle = new CorpusBundle().Build();
        using var signed = SignedBundle.FromMemory(bundle);
        return bundle[..signed.SignedLength];
    }

    private static JsonNode Model(JsonObject claims) => claims["models"]![0]!;

    private static string Part(int index) => Token.Split('.')[index];

    private static string Signed(Action<JsonObject> edit)
    {
        var claims = CorpusLicenses.Claims();
        edit(claims);
        return CorpusLicenses.Sign(claims.ToJsonString());
    }

    // As text: a JSON writer would not write every value.
    private static string With(string name, string value)
    {
        var claims = CorpusLicenses.Claims();
        claims.Remove(name);
        return CorpusLicenses.Sign($"{claims.ToJsonString()[..^1]},\"{name}\":{value}}}");
    }

    private static Vector Key(string name, string what, string? jwe, Action<JsonObject>? edit = null) =>
        Refused(name, what, Tokens, LicenseError.KeyUnwrapFailed, Signed(edit ?? (claims => claims["keys"]![1]!["jwe"] = jwe)));

    private static Vector Term(string name, string what, LicenseError error, Action<JsonObject> edit) => Refused(name, what, Claims, error, Signed(edit));

    private static Vector Header(string name, string what, LicenseError error, string header) => Refused(name, what, Tokens, error, CorpusLicenses.SignHeader(header, Payload));

    private static Vector Accepted(string name, string what, string text) => new(name, what, $"LICENSES.md {Claims}", null, null, Encoding.UTF8.GetBytes(text));

    private static Vector Refused(string name, string what, string spec, LicenseError error, string text) =>
        new(name, what, $"LICENSES.md {spec}", error.ToString(), null, Encoding.UTF8.GetBytes(text));
}
