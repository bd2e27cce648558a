using System.Text;
using Coffer.Bundles;
using Coffer.Corpus;

namespace Coffer.Fuzz.Targets;

/// <summary>A license's text; and the same bytes as claims that the issuer signed, which reaches what stands behind the signature.</summary>
internal sealed class LicenseTarget : IFuzzTarget
{
    private static readonly CorpusPublisher Publisher = new();
    private static readonly VerifiedBundle Bundle = Verified();

    public string Name => "license";

    public IReadOnlyList<byte[]> Seeds { get; } = [.. Texts().Select(Encoding.UTF8.GetBytes)];

    public void Run(byte[] input)
    {
        Use(Encoding.UTF8.GetString(input));
        Use(Jws.Sign(License.Type, input, PlatformKey.Issuer));
    }

    private static void Use(string text)
    {
        try
        {
            var license = License.Parse(text).Verify(Publisher.Trust);
            using var entitlement = license.Authorize(Bundle, PlatformKey.Device, new AuthorizationOptions { Clock = new FixedClock(CorpusPublisher.Now), Audience = "app" });
            _ = entitlement.Begin(Bundle.Manifest.Task, ExecutionTarget.Local);
            entitlement.UnwrapKeys(PlatformKey.Device).Dispose();
        }
        catch (LicenseException)
        {
        }
    }

    private static IEnumerable<string> Texts()
    {
        yield return CorpusLicenses.Sign(CorpusLicenses.Claims().ToJsonString()) + "\n";
        yield return CorpusLicenses.Claims().ToJsonString();
        yield return """
            {"iss":"acme-licenses","sub":"a","aud":"app","jti":"t","lid":"g","seq":3,"iat":1,"nbf":1,"exp":253402300799,"cnf":{"jkt":"NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs","ledger":"l"},
            "models":[{"id":"acme/digits","version":"(1.0.0,)","digest":"0011223344556677889900112233445566778899001122334455667788990011"}],"keys":[],"tasks":["*"],"targets":["local","remote"],
            "providers":["cpu"],"quota":{"calls":7},"min_sdk":"0.1.0","must":["exp"],"note":null}
            """;
        yield return """
            {"iss":"acme-licenses","sub":"oem","jti":"t","lid":"g","seq":0,"iat":1,"models":[{"id":"acme/digits"}],"keys":[],"tasks":["*"],"targets":["local"],"providers":["*"],
            "quota":{"calls":7,"window":60,"concurrent":2},"offline":{"max":60,"grace":5},"status":{"uri":"https://x/s","idx":3},"remote":{"endpoints":["https://x/v1"],"desensitise":["faces"]},
            "delegate":{"jwk":{"kty":"EC","crv":"P-256","x":"a","y":"b"},"depth":2},"prev":"NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs","watermark":"w"}
            """;
    }

    private static VerifiedBundle Verified()
    {
        using var signed = SignedBundle.FromMemory(new CorpusBundle().Build());
        return signed.Verify(Publisher.Trust, new VerificationOptions { Clock = new FixedClock(CorpusPublisher.Now) });
    }
}
