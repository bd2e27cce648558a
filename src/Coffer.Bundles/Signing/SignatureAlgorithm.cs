using System.Security.Cryptography;

namespace Coffer.Bundles;

/// <summary>The signature algorithms that format version 1 knows (FORMAT.md §5). Another one means another version.</summary>
internal sealed class SignatureAlgorithm
{
    public static readonly SignatureAlgorithm EcdsaP256 = new("ECDSA P-256, SHA-256", "1.2.840.10045.4.3.2", HashAlgorithmName.SHA256, Sha256Oid, 256);
    public static readonly SignatureAlgorithm EcdsaP384 = new("ECDSA P-384, SHA-384", "1.2.840.10045.4.3.3", HashAlgorithmName.SHA384, Sha384Oid, 384);
    public static readonly SignatureAlgorithm RsaPss = new("RSA-PSS, SHA-256", "1.2.840.113549.1.1.10", HashAlgorithmName.SHA256, Sha256Oid, curveSize: 0);

    public const string Sha256Oid = "2.16.840.1.101.3.4.2.1";
    public const string Sha384Oid = "2.16.840.1.101.3.4.2.2";
    public const string Sha512Oid = "2.16.840.1.101.3.4.2.3";
    public const int MinRsaKeySize = 3072;

    private SignatureAlgorithm(string name, string oid, HashAlgorithmName hash, string hashOid, int curveSize)
    {
        Name = name;
        Oid = oid;
        Hash = hash;
        HashOid = hashOid;
        CurveSize = curveSize;
    }

    public static IReadOnlyList<SignatureAlgorithm> All => [EcdsaP256, EcdsaP384, RsaPss];

    public string Name { get; }

    public string Oid { get; }

    public HashAlgorithmName Hash { get; }

    public string HashOid { get; }

    /// <summary>The curve's size in bits; 0 for RSA.</summary>
    public int CurveSize { get; }

    /// <summary>The algorithm that a key signs with.</summary>
    /// <exception cref="KeyException">No algorithm of the format takes such a key.</exception>
    public static SignatureAlgorithm For(AsymmetricAlgorithm key) => key switch
    {
        ECDsa { KeySize: 256 } => EcdsaP256,
        ECDsa { KeySize: 384 } => EcdsaP384,
        RSA { KeySize: >= MinRsaKeySize } => RsaPss,
        _ => throw new KeyException(KeyError.UnsupportedKey, $"A bundle is signed with ECDSA on P-256 or P-384, or with RSA of at least {MinRsaKeySize} bits; the key is {key.GetType().BaseType?.Name ?? key.GetType().Name} of {key.KeySize} bits."),
    };

    public override string ToString() => Name;
}
