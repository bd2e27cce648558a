using System.Security.Cryptography;
using System.Text;
using Coffer.Bundles;

namespace Coffer.Tests.Keys;

public sealed class Es256Tests
{
    [Fact]
    public void Verify_WycheproofP1363_AcceptsValidWithLowSOnly()
    {
        var (valid, high, invalid) = (0, 0, 0);
        foreach (var (group, test, isValid) in Wycheproof.Read("ecdsa_secp256r1_sha256_p1363_test.json"))
        {
            var point = group.GetProperty("publicKey").Hex("uncompressed");
            var key = JsonWebKey.FromParameters(new ECParameters { Q = new ECPoint { X = point[1..33], Y = point[33..] } }, KeyUse.Any);
            var (message, signature) = (test.Hex("msg"), test.Hex("sig"));
            if (!isValid)
            {
                invalid++;
                Assert.False(Es256.Verify(key, message, signature), $"tcId {test.Id()}");
                continue;
            }

            valid++;
            if (!EcdsaLowS.IsLow(signature, P256.KeySize))
            {
                high++;
                Assert.False(Es256.Verify(key, message, signature), $"tcId {test.Id()}: a high s is a second signature");
                EcdsaLowS.Normalise(signature, P256.KeySize);
            }

            Assert.True(Es256.Verify(key, message, signature), $"tcId {test.Id()}");
        }

        Assert.True(valid > 100 && high > 10 && invalid > 50, $"{valid} valid, {high} with a high s, {invalid} invalid");
    }

    [Fact]
    public void Unwrap_WycheproofEcdhWebCrypto_AgreesOrRefuses()
    {
        using var folder = new TemporaryFolder();
        var (valid, invalid) = (0, 0);
        foreach (var (_, test, isValid) in Wycheproof.Read("ecdh_secp256r1_webcrypto_test.json"))
        {
            if (!isValid)
            {
                invalid++;
                Assert.True(Refused(test.GetProperty("public").GetRawText()), $"tcId {test.Id()}");
                continue;
            }

            valid++;
            using var key = VectorKey.Load(folder, test.GetProperty("private"));
            var secret = new byte[32];
            key.Unwrap(KeyEnvelope.EcdhEs(JsonWebKey.Parse(Encoding.UTF8.GetBytes(test.GetProperty("public").GetRawText()))), secret);
            Assert.True(test.Hex("shared").AsSpan().SequenceEqual(secret), $"tcId {test.Id()}");
        }

        Assert.Equal((330, 23), (valid, invalid));

        static bool Refused(string jwk)
        {
            try
            {
                _ = JsonWebKey.Parse(Encoding.UTF8.GetBytes(jwk));
                return false;
            }
            catch (KeyException)
            {
                return true;
            }
        }
    }
}
