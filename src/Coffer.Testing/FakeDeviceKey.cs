using System.Security.Cryptography;
using System.Text;
using Coffer.Bundles;

namespace Coffer.Testing;

/// <summary>
/// A device whose keys live in memory and end with it: for tests that license models to a device and want no files. It signs and
/// unwraps for real, so real licenses work; it has no ledger, so no quota can be licensed to it. Thread-safe.
/// </summary>
public sealed class FakeDeviceKey : IDeviceKey
{
    private readonly Lock _gate = new();
    private readonly ECDsa _signing = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDiffieHellman _agreement = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] _localSecret = RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes);

    /// <summary>Makes new keys.</summary>
    public FakeDeviceKey()
    {
        SigningKey = JsonWebKey.FromECDsa(_signing);
        AgreementKey = JsonWebKey.FromECDiffieHellman(_agreement);
    }

    /// <inheritdoc/>
    public JsonWebKey SigningKey { get; }

    /// <inheritdoc/>
    public JsonWebKey AgreementKey { get; }

    /// <summary>Set to make every use of a private key fail with it: a module that was unplugged, a key store that is locked.</summary>
    public KeyException? Failure { get; set; }

    /// <summary>How often a private key was used.</summary>
    public int Uses { get; private set; }

    /// <inheritdoc/>
    public void Unwrap(in KeyEnvelope envelope, Span<byte> keyMaterial)
    {
        keyMaterial.Clear();
        if (envelope.Algorithm != KeyEnvelopeAlgorithm.EcdhEs)
        {
            throw new KeyException(KeyError.UnsupportedKey, $"The fake device holds a P-256 key; the envelope is for {envelope.Algorithm}.");
        }

        using var ephemeral = envelope.EphemeralKey.CreateECDiffieHellman();
        lock (_gate)
        {
            Use();
            _agreement.DeriveRawSecretAgreement(ephemeral.PublicKey).CopyTo(keyMaterial);
        }
    }

    /// <inheritdoc/>
    public void Sign(ReadOnlySpan<byte> data, Span<byte> signature)
    {
        lock (_gate)
        {
            Use();
            Es256.Sign(_signing, data, signature);
        }
    }

    /// <inheritdoc/>
    public void DeriveLocalSecret(string label, Span<byte> secret)
    {
        lock (_gate)
        {
            Use();
            HKDF.Expand(HashAlgorithmName.SHA256, _localSecret, secret, Encoding.ASCII.GetBytes(label));
        }
    }

    /// <summary>Forgets the keys.</summary>
    public void Dispose()
    {
        _signing.Dispose();
        _agreement.Dispose();
    }

    /// <summary>The device's public name.</summary>
    public override string ToString() => $"FakeDeviceKey {SigningKey.Thumbprint} (private keys redacted)";

    private void Use()
    {
        if (Failure is not null)
        {
            throw Failure;
        }

        Uses++;
    }
}
