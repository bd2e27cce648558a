using System.Formats.Asn1;
using System.Security.Cryptography;
using Coffer.Bundles;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;

namespace Coffer.Keys.Pkcs11;

/// <summary>A private key in the token and its public half.</summary>
internal sealed record Pkcs11KeyPair(IObjectHandle Private, JsonWebKey Public)
{
    private const int IdSize = 16;
    private const int PointSize = 1 + 2 * P256.FieldSize;
    private const byte Uncompressed = 4;

    /// <summary>The DER of the curve's object identifier, 1.2.840.10045.3.1.7 (RFC 5480 §2.1.1.1).</summary>
    private static ReadOnlySpan<byte> P256Parameters => [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];

    /// <summary>Finds the private key by its label, and the public one by the id that the two share (PKCS #11 v2.40 §4.9).</summary>
    public static Pkcs11KeyPair Find(ISession session, string token, string label, KeyUse use)
    {
        var attributes = session.Factories.ObjectAttributeFactory;
        var handle = One(
            session.FindAllObjects([attributes.Create(CKA.CKA_CLASS, CKO.CKO_PRIVATE_KEY), attributes.Create(CKA.CKA_LABEL, label)]),
            $"private key '{label}'", token);
        var id = session.GetAttributeValue(handle, [CKA.CKA_ID])[0].GetValueAsByteArray();
        if (id is not { Length: > 0 })
        {
            throw new KeyException(KeyError.Malformed, $"The private key '{label}' in the token {token} has no id (CKA_ID), which names its public half. Give both halves the same id.");
        }

        var publicKey = One(
            session.FindAllObjects([attributes.Create(CKA.CKA_CLASS, CKO.CKO_PUBLIC_KEY), attributes.Create(CKA.CKA_ID, id)]),
            $"public key with the id {Convert.ToHexStringLower(id)} of the private key '{label}'", token);
        return new Pkcs11KeyPair(handle, ReadPublic(session, publicKey, label, use));
    }

    /// <summary>Makes a P-256 pair whose private half never leaves the token, and which does one thing only.</summary>
    public static IObjectHandle[] Generate(ISession session, string label, KeyUse use)
    {
        var attributes = session.Factories.ObjectAttributeFactory;
        var id = RandomNumberGenerator.GetBytes(IdSize);
        var signs = use == KeyUse.Signature;
        using var mechanism = session.Factories.MechanismFactory.Create(CKM.CKM_EC_KEY_PAIR_GEN);
        session.GenerateKeyPair(
            mechanism,
            [
                attributes.Create(CKA.CKA_TOKEN, true),
                attributes.Create(CKA.CKA_PRIVATE, false),
                attributes.Create(CKA.CKA_LABEL, label),
                attributes.Create(CKA.CKA_ID, id),
                attributes.Create(CKA.CKA_EC_PARAMS, P256Parameters.ToArray()),
                attributes.Create(CKA.CKA_VERIFY, signs),
            ],
            [
                attributes.Create(CKA.CKA_TOKEN, true),
                attributes.Create(CKA.CKA_PRIVATE, true),
                attributes.Create(CKA.CKA_LABEL, label),
                attributes.Create(CKA.CKA_ID, id),
                attributes.Create(CKA.CKA_SENSITIVE, true),
                attributes.Create(CKA.CKA_EXTRACTABLE, false),
                attributes.Create(CKA.CKA_SIGN, signs),
                attributes.Create(CKA.CKA_DERIVE, !signs),
                attributes.Create(CKA.CKA_DECRYPT, false),
                attributes.Create(CKA.CKA_UNWRAP, false),
            ],
            out var publicKey,
            out var privateKey);
        return [publicKey, privateKey];
    }

    /// <summary>Whether anything in the token has that label.</summary>
    public static bool Exists(ISession session, string label) =>
        session.FindAllObjects([session.Factories.ObjectAttributeFactory.Create(CKA.CKA_LABEL, label)]).Count > 0;

    private static IObjectHandle One(List<IObjectHandle> found, string what, string token) => found.Count switch
    {
        1 => found[0],
        0 => throw new KeyException(KeyError.NotFound, $"The token {token} holds no {what}. Make keys with {nameof(Pkcs11DeviceKey)}.{nameof(Pkcs11DeviceKey.Generate)}, or give the label of another."),
        _ => throw new KeyException(KeyError.Malformed, $"The token {token} holds {found.Count} of: {what}. Rename or delete all but one."),
    };

    private static JsonWebKey ReadPublic(ISession session, IObjectHandle handle, string label, KeyUse use)
    {
        var type = session.GetAttributeValue(handle, [CKA.CKA_KEY_TYPE])[0].GetValueAsUlong();
        if (type == (ulong)CKK.CKK_EC)
        {
            var values = session.GetAttributeValue(handle, [CKA.CKA_EC_PARAMS, CKA.CKA_EC_POINT]);
            return values[0].GetValueAsByteArray().AsSpan().SequenceEqual(P256Parameters)
                ? JsonWebKey.FromParameters(ReadPoint(values[1].GetValueAsByteArray(), label), use)
                : throw Unsupported(label, "is on another curve than P-256");
        }

        if (type == (ulong)CKK.CKK_RSA && use == KeyUse.Encryption)
        {
            var values = session.GetAttributeValue(handle, [CKA.CKA_MODULUS, CKA.CKA_PUBLIC_EXPONENT]);
            using var rsa = RSA.Create(new RSAParameters { Modulus = Unsigned(values[0]), Exponent = Unsigned(values[1]) });
            return JsonWebKey.FromRsa(rsa);
        }

        throw Unsupported(label, "is of a type that Coffer does not use for this");
    }

    private static byte[] Unsigned(IObjectAttribute value) => value.GetValueAsByteArray().AsSpan().TrimStart((byte)0).ToArray();

    // PKCS #11 v2.40 errata §2.3.3: a DER OCTET STRING around the X9.62 point; older tokens give the bare point.
    private static ECParameters ReadPoint(byte[] value, string label)
    {
        var point = value.Length == PointSize ? value : Unwrap(value, label);
        return point is [Uncompressed, ..] && point.Length == PointSize
            ? new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = point[1..(1 + P256.FieldSize)], Y = point[(1 + P256.FieldSize)..] } }
            : throw Unsupported(label, "has a public point that is not in uncompressed form");
    }

    private static byte[] Unwrap(byte[] value, string label)
    {
        try
        {
            return AsnDecoder.ReadOctetString(value, AsnEncodingRules.DER, out _);
        }
        catch (AsnContentException)
        {
            throw Unsupported(label, "has a public point that is not DER");
        }
    }

    private static KeyException Unsupported(string label, string why) =>
        new(KeyError.UnsupportedKey, $"The key '{label}' {why}. Use an EC key on P-256; for agreement, RSA of 2048 bits or more will do, too.");
}
