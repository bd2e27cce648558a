using System.Security.Cryptography;
using System.Text;
using Coffer.Bundles;
using Coffer.Corpus;

namespace Coffer.Fuzz.Targets;

/// <summary>A device of the corpus whose arithmetic is the platform's: the same keys, a hundred times faster, with other signatures each time.</summary>
internal sealed class PlatformKey(string name) : IDeviceKey
{
    private readonly ECDsa _signing = ECDsa.Create(Named($"{name} signing"));
    private readonly ECDiffieHellman _agreement = ECDiffieHellman.Create(Named($"{name} agreement"));

    public static PlatformKey Device { get; } = new("device");

    public static PlatformKey Issuer { get; } = new("issuer");

    public static PlatformKey Publisher { get; } = new("publisher");

    public JsonWebKey SigningKey { get; } = JsonWebKey.FromParameters(Named($"{name} signing"), KeyUse.Signature);

    public JsonWebKey AgreementKey { get; } = JsonWebKey.FromParameters(Named($"{name} agreement"), KeyUse.Encryption);

    public static ECParameters Named(string name)
    {
        using var key = DeterministicEcdsa.Named(name);
        return key.ExportParameters(includePrivateParameters: true);
    }

    public void Unwrap(in KeyEnvelope envelope, Span<byte> keyMaterial)
    {
        using var theirs = envelope.EphemeralKey.CreateECDiffieHellman();
        _agreement.DeriveRawSecretAgreement(theirs.PublicKey).CopyTo(keyMaterial);
    }

    public void Sign(ReadOnlySpan<byte> data, Span<byte> signature) => Es256.Sign(_signing, data, signature);

    public void DeriveLocalSecret(string label, Span<byte> secret) => HKDF.DeriveKey(HashAlgorithmName.SHA256, new byte[32], secret, [], Encoding.ASCII.GetBytes(label));

    public void Dispose()
    {
        _signing.Dispose();
        _agreement.Dispose();
    }
}
