using System.Text;
using Coffer.Bundles;
using Coffer.Corpus;

namespace Coffer.Fuzz.Targets;

/// <summary>A wrapped content key: as a token, and the same bytes as its header and as its plaintext.</summary>
internal sealed class JweTarget : IFuzzTarget
{
    private static readonly string Wrapped = CorpusLicenses.Wrap(CorpusContentKeys.Weights, PlatformKey.Device.AgreementKey);

    public string Name => "jwe";

    public IReadOnlyList<byte[]> Seeds { get; } =
    [
        Encoding.ASCII.GetBytes(Wrapped),
        Base64UrlStrict.Decode(Wrapped.Split('.')[0]),
        Encoding.ASCII.GetBytes($$"""{"kty":"oct","kid":"{{CorpusContentKeys.Weights}}","k":"{{new string('A', 43)}}"}"""),
    ];

    public void Run(byte[] input)
    {
        Use(Encoding.UTF8.GetString(input));
        Use(Base64UrlStrict.Encode(input) + Wrapped[Wrapped.IndexOf('.', StringComparison.Ordinal)..]);
        if (input.Length < 4096)
        {
            Use(Jwe.Encrypt(input, PlatformKey.Device.AgreementKey, "jwk+json"));
        }
    }

    private static void Use(string token)
    {
        try
        {
            WrappedContentKey.Unwrap(token, CorpusContentKeys.Weights, PlatformKey.Device).Dispose();
        }
        catch (KeyException)
        {
        }
    }
}
