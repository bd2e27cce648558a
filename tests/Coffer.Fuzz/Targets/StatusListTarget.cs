using System.Text;
using Coffer.Bundles;

namespace Coffer.Fuzz.Targets;

/// <summary>A status list's text; and the same bytes as claims that the issuer signed, whose list is inflated and read at its ends.</summary>
internal sealed class StatusListTarget : IFuzzTarget
{
    public string Name => "status";

    public IReadOnlyList<byte[]> Seeds { get; } = [.. Texts().Select(Encoding.UTF8.GetBytes)];

    public void Run(byte[] input)
    {
        Use(Encoding.UTF8.GetString(input));
        Use(Jws.Sign(StatusList.Type, input, PlatformKey.Issuer));
    }

    private static void Use(string text)
    {
        try
        {
            var list = StatusList.Parse(text);
            if (list.Count > 0)
            {
                _ = list[0] + list[list.Count - 1];
            }

            _ = list.IsSignedBy(PlatformKey.Issuer.SigningKey);
            new StatusLists().Add(list);
        }
        catch (LicenseException)
        {
        }
    }

    private static IEnumerable<string> Texts()
    {
        // The lists of the specification's examples (draft-ietf-oauth-status-list, §4), of one bit and of two.
        yield return """{"iss":"a","sub":"https://x/s","iat":1,"exp":253402300799,"status_list":{"bits":1,"lst":"eNrbuRgAAhcBXQ"},"devices":["d"],"manifests":[],"signers":[]}""";
        yield return """
            {"iss":"a","sub":"https://x/s","iat":1,"ttl":60,"status_list":{"bits":2,"lst":"eNo76fITAAPfAgc"},"devices":[],
            "manifests":["0011223344556677889900112233445566778899001122334455667788990011"],"signers":[{"sha256":"0011223344556677889900112233445566778899001122334455667788990011","after":5}]}
            """;
        yield return Jws.Sign(StatusList.Type, Encoding.UTF8.GetBytes(Texts().First()), PlatformKey.Issuer);
    }
}
