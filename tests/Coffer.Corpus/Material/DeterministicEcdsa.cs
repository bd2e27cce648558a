using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Coffer.Bundles;

namespace Coffer.Corpus;

/// <summary>
/// ECDSA on P-256 with the nonce of RFC 6979 §3.2 and SHA-256, so that the same bytes come out on every machine. For test material
/// alone: its arithmetic takes as long as its numbers are, and its keys are published.
/// </summary>
internal sealed class DeterministicEcdsa : ECDsa
{
    private static readonly BigInteger Prime = Number(Convert.FromHexString("FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF"));
    private static readonly BigInteger Order = Number(P256.Order);
    private static readonly (BigInteger X, BigInteger Y) Generator = (
        Number(Convert.FromHexString("6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296")),
        Number(Convert.FromHexString("4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5")));

    private readonly BigInteger _scalar;
    private readonly ECParameters _parameters;

    /// <param name="scalar">The private key, 1 to n - 1.</param>
    public DeterministicEcdsa(BigInteger scalar)
    {
        _scalar = scalar;
        var (x, y) = MultiplyGenerator(scalar);
        _parameters = new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = Bytes(x), Y = Bytes(y) }, D = Bytes(scalar) };
        LegalKeySizesValue = [new KeySizes(P256.KeySize, P256.KeySize, 0)];
        KeySizeValue = P256.KeySize;
    }

    /// <summary>The key that a name stands for: SHA-256 of <c>coffer corpus: NAME</c> as a number, modulo n - 1, plus 1.</summary>
    public static DeterministicEcdsa Named(string name) =>
        new((Number(SHA256.HashData(Encoding.UTF8.GetBytes($"coffer corpus: {name}"))) % (Order - 1)) + 1);

    /// <summary>r and s, 32 bytes each; s is the lower of the two.</summary>
    public override byte[] SignHash(byte[] hash)
    {
        // RFC 6979 §2.3.2 and §2.3.4; a digest of SHA-256 is as long as the order.
        var digest = Number(hash) % Order;
        foreach (var k in Nonces(Bytes(_scalar), Bytes(digest)))
        {
            var r = MultiplyGenerator(k).X % Order;
            var s = BigInteger.ModPow(k, Order - 2, Order) * (digest + (r * _scalar)) % Order;
            if (!r.IsZero && !s.IsZero)
            {
                return [.. Bytes(r), .. Bytes(s > Order / 2 ? Order - s : s)];
            }
        }

        throw new CryptographicException("No nonce fits.");
    }

    public override bool VerifyHash(byte[] hash, byte[] signature)
    {
        using var key = Create(ExportParameters(includePrivateParameters: false));
        return key.VerifyHash(hash, signature);
    }

    public override ECParameters ExportParameters(bool includePrivateParameters) =>
        includePrivateParameters ? _parameters : _parameters with { D = null };

    // RFC 6979 §3.2, steps b to h.
    private static IEnumerable<BigInteger> Nonces(byte[] scalar, byte[] digest)
    {
        var v = Enumerable.Repeat((byte)1, SHA256.HashSizeInBytes).ToArray();
        var k = new byte[SHA256.HashSizeInBytes];
        foreach (byte step in (ReadOnlySpan<byte>)[0, 1])
        {
            k = HMACSHA256.HashData(k, (byte[])[.. v, step, .. scalar, .. digest]);
            v = HMACSHA256.HashData(k, v);
        }

        while (true)
        {
            v = HMACSHA256.HashData(k, v);
            var candidate = Number(v);
            if (candidate > 0 && candidate < Order)
            {
                yield return candidate;
            }

            k = HMACSHA256.HashData(k, (byte[])[.. v, 0]);
            v = HMACSHA256.HashData(k, v);
        }
    }

    // Jacobian coordinates, so that the one division comes at the end.
    private static (BigInteger X, BigInteger Y) MultiplyGenerator(BigInteger scalar)
    {
        (BigInteger X, BigInteger Y, BigInteger Z) sum = (1, 1, 0);
        for (var bit = P256.KeySize - 1; bit >= 0; bit--)
        {
            sum = Double(sum);
            if (!((scalar >> bit) & 1).IsZero)
            {
                sum = AddGenerator(sum);
            }
        }

        var inverse = BigInteger.ModPow(sum.Z, Prime - 2, Prime);
        var square = inverse * inverse % Prime;
        return (sum.X * square % Prime, sum.Y * square % Prime * inverse % Prime);
    }

    private static (BigInteger X, BigInteger Y, BigInteger Z) Double((BigInteger X, BigInteger Y, BigInteger Z) p)
    {
        if (p.Z.IsZero)
        {
            return p;
        }

        var (ySquare, zSquare) = (p.Y * p.Y % Prime, p.Z * p.Z % Prime);
        var s = 4 * p.X * ySquare % Prime;
        var m = 3 * (p.X - zSquare) * (p.X + zSquare) % Prime;
        var x = Reduce((m * m) - (2 * s));
        return (x, Reduce((m * (s - x)) - (8 * ySquare * ySquare)), 2 * p.Y * p.Z % Prime);
    }

    private static (BigInteger X, BigInteger Y, BigInteger Z) AddGenerator((BigInteger X, BigInteger Y, BigInteger Z) p)
    {
        if (p.Z.IsZero)
        {
            return (Generator.X, Generator.Y, 1);
        }

        var zSquare = p.Z * p.Z % Prime;
        var h = Reduce((Generator.X * zSquare) - p.X);
        var r = Reduce((Generator.Y * zSquare % Prime * p.Z) - p.Y);
        if (h.IsZero)
        {
            return r.IsZero ? Double(p) : (1, 1, 0);
        }

        var (hSquare, hCube) = (h * h % Prime, h * h % Prime * h % Prime);
        var v = p.X * hSquare % Prime;
        var x = Reduce((r * r) - hCube - (2 * v));
        return (x, Reduce((r * (v - x)) - (p.Y * hCube)), p.Z * h % Prime);
    }

    private static BigInteger Reduce(BigInteger value)
    {
        var rest = value % Prime;
        return rest.Sign < 0 ? rest + Prime : rest;
    }

    private static BigInteger Number(ReadOnlySpan<byte> bigEndian) => new(bigEndian, isUnsigned: true, isBigEndian: true);

    private static byte[] Bytes(BigInteger value)
    {
        var bytes = new byte[P256.FieldSize];
        _ = value.TryWriteBytes(bytes.AsSpan(bytes.Length - value.GetByteCount(isUnsigned: true)), out _, isUnsigned: true, isBigEndian: true);
        return bytes;
    }
}
