using Coffer.Bundles;

namespace Coffer.Tests.Keys;

public sealed class ConcatKdfTests
{
    [Fact]
    public void Derive_Rfc7518AppendixC_GivesItsKey()
    {
        byte[] z =
        [
            158, 86, 217, 29, 129, 113, 53, 211, 114, 131, 66, 131, 191, 132, 38, 156,
            251, 49, 110, 163, 218, 128, 106, 72, 246, 218, 167, 121, 140, 254, 144, 196,
        ];
        var key = new byte[16];

        ConcatKdf.Derive(z, "A128GCM", "Alice"u8, "Bob"u8, key);

        Assert.Equal("VqqN6vgjbSBcIijNcacQGg", Base64UrlStrict.Encode(key));
    }

    // RFC 7518 appendix C publishes it.
    private const string BobsPublishedScalar = "VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw";

    [Fact]
    public void Unwrap_Rfc7518AppendixC_AgreesOnItsSecret()
    {
        using var folder = new TemporaryFolder();
        using var bob = System.Text.Json.JsonDocument.Parse($$"""{"x":"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ","y":"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck","d":"{{BobsPublishedScalar}}"}""");
        using var key = VectorKey.Load(folder, bob.RootElement);
        var alice = JsonWebKey.Parse("""{"kty":"EC","crv":"P-256","x":"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0","y":"SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps"}"""u8);
        var secret = new byte[32];

        key.Unwrap(KeyEnvelope.EcdhEs(alice), secret);

        Assert.Equal("9E56D91D817135D372834283BF84269CFB316EA3DA806A48F6DAA7798CFE90C4", Convert.ToHexString(secret));
    }
}
