using System.Security.Cryptography;
using Coffer.Bundles;

namespace Coffer.Tests.Keys;

/// <summary>
/// Project Wycheproof's ECDSA signatures in DER, through what stands before a CMS signature's value: <see cref="EcdsaDer.IsLow"/>, then the
/// BCL's verification. A valid signature with the higher s is refused for that alone: its other form verifies.
/// </summary>
public sealed class EcdsaVectorTests
{
    private static readonly int[] P256HighS =
    [
        2, 3, 7, 299, 301, 302, 303, 306, 312, 313, 315, 316, 320, 321, 322, 329, 330, 331, 335, 337, 339, 340, 342, 345, 346, 349, 350, 352, 353, 365,
        366, 367, 368, 369, 394, 395, 398, 399, 400, 403, 406, 412, 413, 414, 415, 418, 419, 420, 422, 423, 427, 433, 434, 439, 440, 448, 452, 453, 456, 459,
        461, 462, 463, 465, 467, 468, 469, 471, 475, 479, 484,
    ];

    private static readonly int[] P384HighS =
    [
        2, 3, 4, 7, 295, 296, 298, 300, 302, 304, 305, 307, 308, 310, 311, 313, 314, 317, 318, 325, 327, 328, 329, 330, 333, 334, 336, 337, 338, 339,
        340, 341, 343, 346, 349, 350, 351, 353, 355, 358, 360, 361, 364, 365, 367, 369, 371, 372, 374, 376, 378, 379, 382, 384, 385, 386, 396, 424, 425, 428,
        430, 432, 433, 436, 437, 438, 439, 440, 441, 443, 445, 446, 447, 448, 452, 461, 462, 467, 468, 474, 476, 479, 483, 486, 490, 491, 495, 499, 504,
    ];

    [Fact]
    public void Verify_EveryP256Vector_AcceptsValidWithLowSOnly() =>
        AssertVectors("ecdsa_secp256r1_sha256_test.json", 256, HashAlgorithmName.SHA256, valid: 174, invalid: 310, P256HighS);

    [Fact]
    public void Verify_EveryP384Vector_AcceptsValidWithLowSOnly() =>
        AssertVectors("ecdsa_secp384r1_sha384_test.json", 384, HashAlgorithmName.SHA384, valid: 194, invalid: 310, P384HighS);

    private static void AssertVectors(string file, int curveSize, HashAlgorithmName hash, int valid, int invalid, int[] highS)
    {
        var counted = (Valid: 0, Invalid: 0);
        var high = new List<int>();
        foreach (var (group, test, isValid) in Wycheproof.Read(file))
        {
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(group.Hex("publicKeyDer"), out _);
            var (message, signature) = (test.Hex("msg"), test.Hex("sig"));
            var accepted = Accepts(key, message, signature, hash, curveSize);
            if (!isValid)
            {
                counted.Invalid++;
                Assert.False(accepted, $"tcId {test.Id()}");
                continue;
            }

            counted.Valid++;
            if (!accepted)
            {
                high.Add(test.Id());
                var other = EcdsaDer.TryDecode(signature, curveSize)!;
                EcdsaLowS.Normalise(other, curveSize);
                Assert.True(Accepts(key, message, EcdsaDer.Encode(other), hash, curveSize), $"tcId {test.Id()}");
            }
        }

        Assert.Equal((valid, invalid), counted);
        Assert.Equal(highS, high);
    }

    private static bool Accepts(ECDsa key, byte[] message, byte[] signature, HashAlgorithmName hash, int curveSize) =>
        EcdsaDer.IsLow(signature, curveSize) && key.VerifyData(message, signature, hash, DSASignatureFormat.Rfc3279DerSequence);
}
