using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Coffer.Bundles;

/// <summary>
/// A public key as a JSON Web Key (RFC 7517): EC P-256, or RSA of 2048 to 8192 bits. Immutable; two keys are equal when their
/// RFC 7638 thumbprints are, whatever <c>use</c> says.
/// </summary>
public sealed class JsonWebKey : IEquatable<JsonWebKey>
{
    private const int MinRsaBits = 2048;
    private const int MaxRsaBits = 8192;
    private const int MaxJsonLength = 8192;

    private readonly byte[] _first;
    private readonly byte[] _second;

    /// <param name="isEllipticCurve">EC P-256, else RSA.</param>
    /// <param name="first">x, or the modulus n.</param>
    /// <param name="second">y, or the exponent e.</param>
    /// <param name="use">What the key may be used for.</param>
    private JsonWebKey(bool isEllipticCurve, byte[] first, byte[] second, KeyUse use)
    {
        if (isEllipticCurve)
        {
            RequireP256(first, second);
        }
        else
        {
            RequireRsa(first, second);
        }

        IsEllipticCurve = isEllipticCurve;
        _first = first;
        _second = second;
        Use = use;
        Thumbprint = Base64UrlStrict.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(ThumbprintInput())));
    }

    /// <summary>Whether this is an EC key on P-256; otherwise it is an RSA key.</summary>
    public bool IsEllipticCurve { get; }

    /// <summary>The RFC 7638 thumbprint: SHA-256 of the required members, base64url, 43 characters.</summary>
    public string Thumbprint { get; }

    internal KeyUse Use { get; }

    /// <summary>Reads a public key.</summary>
    /// <param name="utf8Json">One JSON object, no duplicate names. Members that RFC 7517 and 7518 do not define are ignored.</param>
    /// <exception cref="KeyException">
    /// <see cref="KeyError.Malformed"/>: not such an object, a point off the curve, or base64url with a second spelling.
    /// <see cref="KeyError.UnsupportedKey"/>: a private key, or a type, curve, size or use that Coffer does not allow.
    /// </exception>
    public static JsonWebKey Parse(ReadOnlySpan<byte> utf8Json)
    {
        if (utf8Json.Length > MaxJsonLength)
        {
            throw Malformed($"is longer than {MaxJsonLength} bytes");
        }

        try
        {
            return StrictJson.Read(utf8Json.ToArray(), Read);
        }
        catch (FormatException e)
        {
            throw new KeyException(KeyError.Malformed, $"The text is not a public JSON Web Key. {e.Message} Export the key again.");
        }
    }

    /// <summary>The public half of a signing key, for signatures only.</summary>
    /// <exception cref="KeyException"><see cref="KeyError.UnsupportedKey"/>: the curve is not P-256.</exception>
    public static JsonWebKey FromECDsa(ECDsa key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return FromParameters(key.ExportParameters(includePrivateParameters: false), KeyUse.Signature);
    }

    /// <summary>The public half of an agreement key, for encryption only.</summary>
    /// <exception cref="KeyException"><see cref="KeyError.UnsupportedKey"/>: the curve is not P-256.</exception>
    public static JsonWebKey FromECDiffieHellman(ECDiffieHellman key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return FromParameters(key.ExportParameters(includePrivateParameters: false), KeyUse.Encryption);
    }

    /// <summary>The public half of an RSA key, for encryption only: Coffer's tokens are signed with ES256.</summary>
    /// <exception cref="KeyException"><see cref="KeyError.UnsupportedKey"/>: fewer than 2048 or more than 8192 bits.</exception>
    public static JsonWebKey FromRsa(RSA key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var parameters = key.ExportParameters(includePrivateParameters: false);
        return new JsonWebKey(isEllipticCurve: false, parameters.Modulus!, parameters.Exponent!, KeyUse.Encryption);
    }

    /// <summary>The key as one line of JSON, with <c>use</c> where it is known.</summary>
    public string ToJson() => Encoding.UTF8.GetString(StrictJson.Write(WriteTo).WrittenSpan);

    /// <summary>Writes the key as a JSON object.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        WriteMembers(writer);
        writer.WriteEndObject();
    }

    /// <inheritdoc/>
    public bool Equals(JsonWebKey? other) => other is not null && Thumbprint == other.Thumbprint;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as JsonWebKey);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Thumbprint);

    /// <summary>Type and thumbprint.</summary>
    public override string ToString() => $"{(IsEllipticCurve ? "EC P-256" : "RSA")} {Thumbprint}";

    internal static JsonWebKey FromParameters(in ECParameters parameters, KeyUse use)
    {
        // A curve may come by name or by OID, depending on the platform; the point decides.
        if (parameters.Q.X is not { Length: P256.FieldSize } x || parameters.Q.Y is not { Length: P256.FieldSize } y || !P256.IsOnCurve(x, y))
        {
            throw Unsupported("is not on the curve P-256");
        }

        return new JsonWebKey(isEllipticCurve: true, x, y, use);
    }

    internal static JsonWebKey Read(JsonElement json)
    {
        var members = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in json.EnumerateObject())
        {
            members.Add(member.Name, member.Value);
        }

        foreach (var name in PrivateMembers)
        {
            if (members.ContainsKey(name))
            {
                throw Unsupported($"holds the private member '{name}', where only a public key may be; keep private keys out of this file");
            }
        }

        var isEllipticCurve = Text(members, "kty") switch
        {
            "EC" when Text(members, "crv") == "P-256" => true,
            "EC" => throw Unsupported("is not on the curve P-256"),
            "RSA" => false,
            _ => throw Unsupported("is neither EC nor RSA"),
        };
        var use = ReadUse(members, isEllipticCurve);
        return isEllipticCurve
            ? new JsonWebKey(true, Bytes(members, "x"), Bytes(members, "y"), use)
            : new JsonWebKey(false, Bytes(members, "n"), Bytes(members, "e"), use);
    }

    internal ECDsa CreateECDsa() => ECDsa.Create(EcParameters());

    internal ECDiffieHellman CreateECDiffieHellman() => ECDiffieHellman.Create(EcParameters());

    internal RSA CreateRsa() => RSA.Create(new RSAParameters { Modulus = _first, Exponent = _second });

    internal void WriteMembers(Utf8JsonWriter writer)
    {
        writer.WriteString("kty", IsEllipticCurve ? "EC" : "RSA");
        if (IsEllipticCurve)
        {
            writer.WriteString("crv", "P-256");
        }

        writer.WriteString(IsEllipticCurve ? "x" : "n", Base64UrlStrict.Encode(_first));
        writer.WriteString(IsEllipticCurve ? "y" : "e", Base64UrlStrict.Encode(_second));
        if (Use != KeyUse.Any)
        {
            writer.WriteString("use", Use == KeyUse.Signature ? "sig" : "enc");
        }
    }

    internal JsonWebKey WithoutUse() => new(IsEllipticCurve, _first, _second, KeyUse.Any);

    private ECParameters EcParameters() => IsEllipticCurve
        ? new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = _first, Y = _second } }
        : throw Unsupported("is an RSA key, where an EC key on P-256 is required");

    // RFC 7638 §3.2: the required members in lexicographic order, without white space.
    private string ThumbprintInput()
    {
        var (first, second) = (Base64UrlStrict.Encode(_first), Base64UrlStrict.Encode(_second));
        return IsEllipticCurve
            ? $$"""{"crv":"P-256","kty":"EC","x":"{{first}}","y":"{{second}}"}"""
            : $$"""{"e":"{{second}}","kty":"RSA","n":"{{first}}"}""";
    }

    private static KeyUse ReadUse(Dictionary<string, JsonElement> members, bool isEllipticCurve)
    {
        KeyUse[] said =
        [
            Text(members, "use") switch
            {
                null => KeyUse.Any,
                "sig" => KeyUse.Signature,
                "enc" => KeyUse.Encryption,
                _ => throw Unsupported("has a 'use' other than 'sig' and 'enc'"),
            },
            Text(members, "alg") switch
            {
                null => KeyUse.Any,
                "ES256" when isEllipticCurve => KeyUse.Signature,
                "ECDH-ES" when isEllipticCurve => KeyUse.Encryption,
                "RSA-OAEP-256" when !isEllipticCurve => KeyUse.Encryption,
                _ => throw Unsupported("has an 'alg' other than ES256, ECDH-ES and RSA-OAEP-256, or one for another type of key"),
            },
            members.TryGetValue("key_ops", out var operations) ? ReadOperations(operations) : KeyUse.Any,
        ];
        var known = said.Where(use => use != KeyUse.Any).Distinct().ToList();
        return known.Count switch
        {
            0 => KeyUse.Any,
            1 => known[0],
            _ => throw Unsupported("contradicts itself in 'use', 'alg' and 'key_ops'"),
        };
    }

    private static KeyUse ReadOperations(JsonElement operations)
    {
        var names = operations.EnumerateArray().Select(operation => operation.GetString()).ToList();
        return names switch
        {
            ["verify"] => KeyUse.Signature,
            { Count: > 0 } when names.TrueForAll(name => name is "deriveKey" or "deriveBits" or "encrypt" or "wrapKey") => KeyUse.Encryption,
            _ => throw Unsupported("has 'key_ops' that a public key of Coffer does not perform"),
        };
    }

    private static void RequireP256(byte[] x, byte[] y)
    {
        if (x.Length != P256.FieldSize || y.Length != P256.FieldSize || !P256.IsOnCurve(x, y))
        {
            throw Malformed("is not a point on P-256");
        }
    }

    private static void RequireRsa(byte[] modulus, byte[] exponent)
    {
        // RFC 7518 §2: Base64urlUInt has no leading zero.
        if (modulus is not [not 0, ..] || exponent is not [not 0, ..] || (modulus[^1] & 1) == 0)
        {
            throw Malformed("is not an RSA modulus and exponent");
        }

        var bits = modulus.Length * 8 - (int)byte.LeadingZeroCount(modulus[0]);
        if (bits is < MinRsaBits or > MaxRsaBits)
        {
            throw Unsupported($"has {bits} bits; RSA keys have {MinRsaBits} to {MaxRsaBits}");
        }

        // FIPS 186-5 §5.4: an odd exponent above 2^16. Four bytes keep verification cheap.
        if (exponent.Length is < 3 or > 4 || (exponent[^1] & 1) == 0)
        {
            throw Unsupported("has an RSA exponent that is even, below 65537 or above 32 bits; use 65537");
        }
    }

    private static string? Text(Dictionary<string, JsonElement> members, string name) =>
        members.TryGetValue(name, out var value) ? value.GetString() : null;

    private static byte[] Bytes(Dictionary<string, JsonElement> members, string name)
    {
        var text = Text(members, name) ?? throw Malformed($"lacks the member '{name}'");
        return Base64UrlStrict.Decode(text);
    }

    private static KeyException Malformed(string what) => new(KeyError.Malformed, $"The public key {what}. Export the key again.");

    private static KeyException Unsupported(string what) => new(KeyError.UnsupportedKey, $"The key {what}.");

    // RFC 7518 §6.2.2, §6.3.2, §6.4.1.
    private static readonly string[] PrivateMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
}
