using System.Security.Cryptography;
using Coffer.Bundles;
using Coffer.Tests.Keys;
using Vectors = Coffer.Tests.Keys.Wycheproof;

namespace Coffer.Tests.Encryption;

/// <summary>Project Wycheproof's HKDF vectors through the functions that derive Coffer's keys. None is left out.</summary>
public sealed class HkdfVectorTests
{
    // A message's keys come from Expand alone (C2SP chunked-encryption); Extract makes its input key here, as the vectors begin before it.
    [Fact]
    public void Expand_EverySha512Vector_GivesItsResult()
    {
        var counted = (Valid: 0, Invalid: 0);
        foreach (var (_, test, isValid) in Vectors.Read("hkdf_sha512_test.json"))
        {
            var key = HKDF.Extract(HashAlgorithmName.SHA512, test.Hex("ikm"), test.Hex("salt"));
            var output = new byte[test.GetProperty("size").GetInt32()];
            if (isValid)
            {
                counted.Valid++;
                ChunkedAead.Expand(key, test.Hex("info"), output);
                Assert.True(test.Hex("okm").AsSpan().SequenceEqual(output), $"tcId {test.Id()}");
            }
            else
            {
                counted.Invalid++;
                Assert.Throws<ArgumentOutOfRangeException>(() => ChunkedAead.Expand(key, test.Hex("info"), output));
            }
        }

        Assert.Equal((80, 3), counted);
    }

    // A key file's local secret: Extract over its scalars, Expand for each label, both the BCL's.
    [Fact]
    public void Hkdf_EverySha256Vector_GivesItsResult()
    {
        var counted = (Valid: 0, Invalid: 0);
        foreach (var (_, test, isValid) in Vectors.Read("hkdf_sha256_test.json"))
        {
            var secret = new byte[32];
            HKDF.Extract(HashAlgorithmName.SHA256, test.Hex("ikm"), test.Hex("salt"), secret);
            var output = new byte[test.GetProperty("size").GetInt32()];
            if (isValid)
            {
                counted.Valid++;
                HKDF.Expand(HashAlgorithmName.SHA256, secret, output, test.Hex("info"));
                Assert.True(test.Hex("okm").AsSpan().SequenceEqual(output), $"tcId {test.Id()}");
            }
            else
            {
                counted.Invalid++;
                Assert.ThrowsAny<ArgumentException>(() => HKDF.Expand(HashAlgorithmName.SHA256, secret, output, test.Hex("info")));
            }
        }

        Assert.Equal((83, 3), counted);
    }
}
