namespace Coffer.Bundles;

/// <summary>What a device key opens to get at the key material of one JWE (RFC 7516, RFC 7518 §4).</summary>
public readonly struct KeyEnvelope
{
    private readonly JsonWebKey? _ephemeralKey;
    private readonly ReadOnlyMemory<byte> _encryptedKey;

    private KeyEnvelope(KeyEnvelopeAlgorithm algorithm, JsonWebKey? ephemeralKey, ReadOnlyMemory<byte> encryptedKey)
    {
        Algorithm = algorithm;
        _ephemeralKey = ephemeralKey;
        _encryptedKey = encryptedKey;
    }

    /// <summary>How the key material is protected.</summary>
    public KeyEnvelopeAlgorithm Algorithm { get; }

    /// <summary>The sender's ephemeral public key, on P-256 and checked to be on the curve.</summary>
    /// <exception cref="InvalidOperationException">The algorithm is not <see cref="KeyEnvelopeAlgorithm.EcdhEs"/>.</exception>
    public JsonWebKey EphemeralKey => _ephemeralKey ?? throw new InvalidOperationException($"An envelope of {Algorithm} has no ephemeral key.");

    /// <summary>The encrypted key, as long as the RSA modulus.</summary>
    /// <exception cref="InvalidOperationException">The algorithm is not <see cref="KeyEnvelopeAlgorithm.RsaOaep256"/>.</exception>
    public ReadOnlyMemory<byte> EncryptedKey =>
        Algorithm == KeyEnvelopeAlgorithm.RsaOaep256 ? _encryptedKey : throw new InvalidOperationException($"An envelope of {Algorithm} has no encrypted key.");

    /// <summary>An ECDH-ES envelope.</summary>
    public static KeyEnvelope EcdhEs(JsonWebKey ephemeralKey)
    {
        ArgumentNullException.ThrowIfNull(ephemeralKey);
        return new KeyEnvelope(KeyEnvelopeAlgorithm.EcdhEs, ephemeralKey, default);
    }

    /// <summary>An RSA-OAEP-256 envelope.</summary>
    public static KeyEnvelope RsaOaep256(ReadOnlyMemory<byte> encryptedKey) => new(KeyEnvelopeAlgorithm.RsaOaep256, null, encryptedKey);
}
