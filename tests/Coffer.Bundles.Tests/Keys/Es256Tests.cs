using System.Security.Cryptography;
using System.Text;
using Coffer.Bundles;

namespace Coffer.Tests.Keys;

public sealed class Es256Tests
{
    // Valid elsewhere, and refused here for the higher s alone.
    private static readonly int[] HighS =
    [
        64, 66, 67, 68, 71, 77, 78, 80, 81, 85, 86, 87, 94, 95, 96, 100, 102, 104, 105, 107, 110, 111, 114, 115, 117, 118, 138, 139, 140, 141,
        142, 171, 172, 175, 176, 177, 180, 183, 189, 190, 191, 192, 195, 196, 197, 199, 200, 204, 210, 211, 216, 217, 226, 227, 229, 233, 234, 237, 240, 242,
        243, 244, 246, 248, 249, 250, 252, 253, 257, 262,
    ];

    [Fact]
    public void Verify_WycheproofP1363_AcceptsValidWithLowSOnly()
    {
        var (valid, high, invalid) = (0, new List<int>(), 0);
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
                high.Add(test.Id());
                Assert.False(Es256.Verify(key, message, signature), $"tcId {test.Id()}: a high s is a second signature");
                EcdsaLowS.Normalise(signature, P256.KeySize);
            }

            Assert.True(Es256.Verify(key, message, signature), $"tcId {test.Id()}");
        }

        Assert.Equal((173, 89), (valid, invalid));
        Assert.Equal(HighS, high);
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
