namespace Coffer.Bundles;

/// <summary>How a JWE protects its key material; the <c>alg</c> of RFC 7518 §4.1.</summary>
public enum KeyEnvelopeAlgorithm
{
    /// <summary><c>ECDH-ES</c> on P-256: <see cref="IDeviceKey.Unwrap"/> gives the 32-byte shared secret Z (SP 800-56A §5.7.1.2).</summary>
    EcdhEs,

    /// <summary><c>RSA-OAEP-256</c> (RFC 8017 §7.1 with SHA-256 and MGF1-SHA-256): <see cref="IDeviceKey.Unwrap"/> gives the 32-byte content encryption key.</summary>
    RsaOaep256,
}
