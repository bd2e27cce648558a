using System.Security.Cryptography;
using System.Text;
using Coffer.Bundles;

namespace Coffer.Corpus;

/// <summary>A pair of keys from names: that of the corpus's device, its issuer or its publisher.</summary>
internal sealed class CorpusDevice(string name) : IDeviceKey
{
    private readonly DeterministicEcdsa _signing = DeterministicEcdsa.Named($"{name} signing");
    private readonly DeterministicEcdsa _agreement = DeterministicEcdsa.Named($"{name} agreement");

    public static CorpusDevice Device { get; } = new("device");

    public static CorpusDevice OtherDevice { get; } = new("other device");

    public static CorpusDevice Issuer { get; } = new("issuer");

    public static CorpusDevice Publisher { get; } = new("publisher");

    public JsonWebKey SigningKey { get; } = JsonWebKey.FromECDsa(DeterministicEcdsa.Named($"{name} signing"));

    public JsonWebKey AgreementKey { get; } = JsonWebKey.FromParameters(DeterministicEcdsa.Named($"{name} agreement").ExportParameters(includePrivateParameters: false), KeyUse.Encryption);

    public void Unwrap(in KeyEnvelope envelope, Span<byte> keyMaterial)
    {
        using var theirs = envelope.EphemeralKey.CreateECDiffieHellman();
        using var ours = ECDiffieHellman.Create(_agreement.ExportParameters(includePrivateParameters: true));
        ours.DeriveRawSecretAgreement(theirs.PublicKey).CopyTo(keyMaterial);
    }

    public void Sign(ReadOnlySpan<byte> data, Span<byte> signature) => _signing.SignHash(SHA256.HashData(data)).CopyTo(signature);

    public void DeriveLocalSecret(string label, Span<byte> secret) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, SHA256.HashData(Encoding.UTF8.GetBytes($"coffer corpus: {name} local secret")), secret, [], Encoding.ASCII.GetBytes(label));

    public void Dispose()
    {
        _signing.Dispose();
        _agreement.Dispose();
    }
}
