using System.Numerics;

namespace Coffer.Bundles;

/// <summary>The curve P-256 (FIPS 186-5, SP 800-186 §3.2.1.3): only what public values need.</summary>
internal static class P256
{
    public const int FieldSize = 32;
    public const int KeySize = 256;

    private static readonly BigInteger Prime = Number(Convert.FromHexString("FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF"));
    private static readonly BigInteger B = Number(Convert.FromHexString("5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B"));

    /// <summary>The order n of the group.</summary>
    public static ReadOnlySpan<byte> Order =>
    [
        0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51,
    ];

    /// <summary>Whether (x, y) is a point other than infinity. The cofactor is 1, so every such point has order n.</summary>
    public static bool IsOnCurve(ReadOnlySpan<byte> x, ReadOnlySpan<byte> y)
    {
        var (a, b) = (Number(x), Number(y));
        return a < Prime && b < Prime && (b * b - (a * a * a - 3 * a + B)) % Prime == 0;
    }

    private static BigInteger Number(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true, isBigEndian: true);
}
