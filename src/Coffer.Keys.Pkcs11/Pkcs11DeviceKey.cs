using System.Security.Cryptography;
using System.Text;
using Coffer.Bundles;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;

namespace Coffer.Keys.Pkcs11;

/// <summary>
/// The keys of a device, an issuer or a publisher in an HSM, a smart card or a token that speaks PKCS #11 v2.40. Private keys
/// never enter this process; the shared secrets that they make do. Safe for concurrent use: one operation of all such keys
/// runs at a time.
/// </summary>
/// <remarks>
/// A token's login belongs to the process: while one key is open, a second one of the same token opens whatever PIN is given.
/// Envelopes are opened by ECDH (<c>CKM_ECDH1_DERIVE</c>, <c>CKD_NULL</c>), or by RSA-OAEP with SHA-256 where the token has it.
/// </remarks>
public sealed class Pkcs11DeviceKey : IDeviceKey
{
    private const int DigestSize = SHA256.HashSizeInBytes;
    private const int MinSecretSize = 16;
    private const int MaxSecretSize = 64;

    private readonly Pkcs11Token _token;
    private readonly Pkcs11KeyPair _signing;
    private readonly Pkcs11KeyPair _agreement;

    private Pkcs11DeviceKey(Pkcs11Token token, Pkcs11Options options)
    {
        _token = token;
        (_signing, _agreement) = token.Use("read its keys", session => (
            Pkcs11KeyPair.Find(session, token.Name, options.SigningKeyLabel, KeyUse.Signature),
            Pkcs11KeyPair.Find(session, token.Name, options.AgreementKeyLabel, KeyUse.Encryption)));
    }

    /// <inheritdoc/>
    public JsonWebKey SigningKey => _signing.Public;

    /// <inheritdoc/>
    public JsonWebKey AgreementKey => _agreement.Public;

    /// <inheritdoc/>
    public UsageLedger? Ledger { get; private set; }

    /// <summary>Opens keys that are in a token.</summary>
    /// <exception cref="KeyException">
    /// <see cref="KeyError.NotFound"/>: no such library, token or key. <see cref="KeyError.AccessDenied"/>: the PIN was refused.
    /// <see cref="KeyError.UnsupportedKey"/>: a key of another type. <see cref="KeyError.Malformed"/>: two keys of one label, or a
    /// private key without an id. <see cref="KeyError.Unavailable"/>: the library or the token fails.
    /// </exception>
    /// <exception cref="LicenseException">The ledger at <see cref="Pkcs11Options.LedgerPath"/> can't be opened; as <see cref="UsageLedger.Open"/>.</exception>
    public static Pkcs11DeviceKey Open(Pkcs11Options options)
    {
        RequireComplete(options);
        var token = Pkcs11Token.Open(options, writable: false);
        try
        {
            var key = new Pkcs11DeviceKey(token, options);
            key.Ledger = options.LedgerPath is { } path ? UsageLedger.Open(path, key) : null;
            return key;
        }
        catch
        {
            token.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Makes both key pairs in the token, EC P-256, neither readable nor extractable, and the ledger where
    /// <see cref="Pkcs11Options.LedgerPath"/> is given; then opens them. Nothing is overwritten; on failure nothing is left.
    /// </summary>
    /// <exception cref="KeyException">
    /// <see cref="KeyError.AlreadyExists"/>: the token has an object of one of the labels, or the ledger is there. Otherwise as <see cref="Open"/>.
    /// </exception>
    public static Pkcs11DeviceKey Generate(Pkcs11Options options)
    {
        RequireComplete(options);
        var token = Pkcs11Token.Open(options, writable: true);
        var made = new List<IObjectHandle>();
        try
        {
            token.Use("make keys", session =>
            {
                RequireNew(session, token.Name, options.SigningKeyLabel);
                RequireNew(session, token.Name, options.AgreementKeyLabel);
                made.AddRange(Pkcs11KeyPair.Generate(session, options.SigningKeyLabel, KeyUse.Signature));
                made.AddRange(Pkcs11KeyPair.Generate(session, options.AgreementKeyLabel, KeyUse.Encryption));
            });
            var key = new Pkcs11DeviceKey(token, options);
            key.Ledger = options.LedgerPath is { } path ? UsageLedger.Create(path, key) : null;
            return key;
        }
        catch
        {
            // A device key without its ledger could never hold a quota; all or nothing.
            Discard(token, made);
            token.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The signing key as .NET's type: for a publisher's <see cref="BundleSigner"/> and its certificate requests. Signs with a low s.
    /// Dispose it before this key; disposing it leaves this key open.
    /// </summary>
    public ECDsa CreateSigner() => new Pkcs11Signer(this);

    /// <inheritdoc/>
    /// <remarks><see cref="KeyError.UnsupportedKey"/> also where a token lacks RSA-OAEP with SHA-256; <see cref="KeyError.Unavailable"/> where it fails.</remarks>
    public void Unwrap(in KeyEnvelope envelope, Span<byte> keyMaterial)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(keyMaterial.Length, P256.FieldSize);
        keyMaterial.Clear();
        var expected = AgreementKey.IsEllipticCurve ? KeyEnvelopeAlgorithm.EcdhEs : KeyEnvelopeAlgorithm.RsaOaep256;
        if (envelope.Algorithm != expected)
        {
            throw new KeyException(KeyError.UnsupportedKey, $"The key material is protected with {envelope.Algorithm}, and the token's key is for {expected}. Ask for a license that is made for this device's public file.");
        }

        var opened = expected == KeyEnvelopeAlgorithm.EcdhEs ? Agree(envelope.EphemeralKey) : Decrypt(envelope.EncryptedKey.ToArray());
        opened.CopyTo(keyMaterial);
        CryptographicOperations.ZeroMemory(opened);
    }

    /// <inheritdoc/>
    public void Sign(ReadOnlySpan<byte> data, Span<byte> signature)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(signature.Length, Es256.SignatureSize);
        SignDigest(SHA256.HashData(data)).CopyTo(signature);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// HKDF-SHA-256 of the ECDH between the agreement key and its own public half: a token computes it on every start, and
    /// telling it from outside is the Diffie-Hellman problem. An RSA agreement key has no such secret: <see cref="KeyError.UnsupportedKey"/>.
    /// </remarks>
    public void DeriveLocalSecret(string label, Span<byte> secret)
    {
        ArgumentException.ThrowIfNullOrEmpty(label);
        ArgumentOutOfRangeException.ThrowIfLessThan(secret.Length, MinSecretSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(secret.Length, MaxSecretSize);
        if (!Ascii.IsValid(label))
        {
            throw new ArgumentException("A label is ASCII, so that two labels never become one.", nameof(label));
        }

        if (!AgreementKey.IsEllipticCurve)
        {
            throw new KeyException(KeyError.UnsupportedKey, $"The agreement key in the token {_token.Name} is RSA, which derives no secret for a ledger. Use an agreement key on P-256.");
        }

        var shared = Agree(AgreementKey);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, shared, secret, "coffer/pkcs11/1"u8, Encoding.ASCII.GetBytes(label));
        CryptographicOperations.ZeroMemory(shared);
    }

    /// <summary>Closes the session with the token. An <see cref="Entitlement"/> that was made with this key stays valid.</summary>
    public void Dispose()
    {
        Ledger?.Dispose();
        _token.Dispose();
    }

    /// <summary>The token and the thumbprint of the signing key; nothing secret.</summary>
    public override string ToString() => $"Pkcs11DeviceKey {SigningKey.Thumbprint} in {_token.Name}";

    /// <summary>r ‖ s with the low s.</summary>
    internal byte[] SignDigest(byte[] digest)
    {
        // FIPS 186-5 §6.4.1: the leftmost bits of a longer digest; not every token cuts it.
        var leftmost = digest.Length > DigestSize ? digest[..DigestSize] : digest;
        var signature = _token.Use("sign", session =>
        {
            using var mechanism = session.Factories.MechanismFactory.Create(CKM.CKM_ECDSA);
            return session.Sign(mechanism, _signing.Private, leftmost);
        });
        if (signature.Length != Es256.SignatureSize)
        {
            throw new KeyException(KeyError.Unavailable, $"The token {_token.Name} gave a signature of {signature.Length} bytes, where P-256 has {Es256.SignatureSize}. Update the token's library.");
        }

        EcdsaLowS.Normalise(signature, P256.KeySize);
        return signature;
    }

    /// <summary>The x coordinate of the shared point (SP 800-56A §5.7.1.2).</summary>
    private byte[] Agree(JsonWebKey other)
    {
        using var key = other.CreateECDiffieHellman();
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        byte[] encoded = [4, .. point.X!, .. point.Y!];
        var shared = _token.Use("agree on a secret", session => Agree(session, encoded));
        return shared.Length == P256.FieldSize
            ? shared
            : throw new KeyException(KeyError.Unavailable, $"The token {_token.Name} gave a shared secret of {shared.Length} bytes, where P-256 has {P256.FieldSize}. Update the token's library.");
    }

    private byte[] Agree(ISession session, byte[] point)
    {
        var attributes = session.Factories.ObjectAttributeFactory;
        using var parameters = session.Factories.MechanismParamsFactory.CreateCkEcdh1DeriveParams((ulong)CKD.CKD_NULL, null, point);
        using var mechanism = session.Factories.MechanismFactory.Create(CKM.CKM_ECDH1_DERIVE, parameters);
        var secret = session.DeriveKey(mechanism, _agreement.Private,
        [
            attributes.Create(CKA.CKA_CLASS, CKO.CKO_SECRET_KEY),
            attributes.Create(CKA.CKA_KEY_TYPE, CKK.CKK_GENERIC_SECRET),
            attributes.Create(CKA.CKA_VALUE_LEN, P256.FieldSize),
            attributes.Create(CKA.CKA_TOKEN, false),
            attributes.Create(CKA.CKA_SENSITIVE, false),
            attributes.Create(CKA.CKA_EXTRACTABLE, true),
        ]);
        try
        {
            using var value = session.GetAttributeValue(secret, [CKA.CKA_VALUE])[0];
            return value.GetValueAsByteArray();
        }
        finally
        {
            session.DestroyObject(secret);
        }
    }

    private byte[] Decrypt(byte[] encrypted)
    {
        var opened = _token.Use("open an envelope", session =>
        {
            using var parameters = session.Factories.MechanismParamsFactory.CreateCkRsaPkcsOaepParams((ulong)CKM.CKM_SHA256, (ulong)CKG.CKG_MGF1_SHA256, (ulong)CKZ.CKZ_DATA_SPECIFIED, null);
            using var mechanism = session.Factories.MechanismFactory.Create(CKM.CKM_RSA_PKCS_OAEP, parameters);
            try
            {
                return session.Decrypt(mechanism, _agreement.Private, encrypted);
            }
            catch (Pkcs11Exception e) when (e.RV is CKR.CKR_MECHANISM_INVALID or CKR.CKR_MECHANISM_PARAM_INVALID or CKR.CKR_ARGUMENTS_BAD)
            {
                throw new KeyException(KeyError.UnsupportedKey, $"The token {_token.Name} does not do RSA-OAEP with SHA-256 ({e.RV}). Use an agreement key on P-256.", e);
            }
            catch (Pkcs11Exception e) when (e.RV is CKR.CKR_ENCRYPTED_DATA_INVALID or CKR.CKR_ENCRYPTED_DATA_LEN_RANGE)
            {
                throw NotForThisKey();
            }
        });
        if (opened.Length == P256.FieldSize)
        {
            return opened;
        }

        CryptographicOperations.ZeroMemory(opened);
        throw NotForThisKey();
    }

    private KeyException NotForThisKey() =>
        new(KeyError.UnwrapFailed, $"The envelope does not open with the key in the token {_token.Name}: it was made for another, or altered. Ask for a license that is made for this device's public file.");

    private static void RequireNew(ISession session, string token, string label)
    {
        if (Pkcs11KeyPair.Exists(session, label))
        {
            throw new KeyException(KeyError.AlreadyExists, $"The token {token} holds an object '{label}' already. Choose another label, or open the key that is there.");
        }
    }

    private static void Discard(Pkcs11Token token, List<IObjectHandle> made)
    {
        try
        {
            token.Use("delete new keys", session => made.ForEach(session.DestroyObject));
        }
        catch (KeyException)
        {
            // The failure that led here says more.
        }
    }

    private static void RequireComplete(Pkcs11Options options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(options.LibraryPath);
        ArgumentException.ThrowIfNullOrEmpty(options.SigningKeyLabel);
        ArgumentException.ThrowIfNullOrEmpty(options.AgreementKeyLabel);
        ArgumentNullException.ThrowIfNull(options.Pin);
        if (options.SigningKeyLabel == options.AgreementKeyLabel)
        {
            throw new ArgumentException("The two keys need labels that differ: one key must not both sign and agree.", nameof(options));
        }
    }
}
