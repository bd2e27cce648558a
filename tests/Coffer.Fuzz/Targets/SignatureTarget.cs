using System.Security.Cryptography;
using Coffer.Bundles;
using Coffer.Corpus;

namespace Coffer.Fuzz.Targets;

/// <summary>The CMS of a bundle's signature: as it comes, and with its attributes signed by a key that nobody trusts, which reaches the chain.</summary>
internal sealed class SignatureTarget : IFuzzTarget
{
    private static readonly byte[] Content = "header and manifest"u8.ToArray();

    private static readonly CorpusPublisher Publisher = new();
    private static readonly ECDsa SignerKey = ECDsa.Create(PlatformKey.Named("signer"));

    public string Name => "signature";

    public IReadOnlyList<byte[]> Seeds { get; } = [.. Signatures().Select(signature => signature.Encode())];

    public void Run(byte[] input)
    {
        Verify(input);
        CmsSignature decoded;
        try
        {
            decoded = SignatureVerifier.Decode(input);
        }
        catch (BundleException)
        {
            return;
        }

        // What an attacker with a certificate of his own can reach.
        Verify((decoded with { Signature = EcdsaDer.Encode(EcdsaLowS.SignHash(SignerKey, SHA256.HashData(decoded.EncodeSignedAttributes()))) }).Encode());
    }

    public static IEnumerable<CmsSignature> Signatures()
    {
        yield return CorpusBundle.Cms(Content);
        yield return CorpusBundle.Cms(Content, Publisher.SignerUnderIntermediate, chain: [Publisher.Intermediate]);
        using var other = CorpusPublisher.Issue("somebody", Publisher.SignerKey, Publisher.OtherRoot, Publisher.OtherRootKey, 9);
        var foreign = CorpusBundle.Cms(Content, other, chain: [Publisher.Intermediate]);
        yield return foreign;
        var stamped = CorpusBundle.Cms(Content);
        yield return stamped with { Timestamp = TimestampTarget.Authority().Sign(stamped.Signature.Span, CorpusPublisher.Now) };
    }

    private static void Verify(byte[] der)
    {
        try
        {
            SignatureVerifier.Verify(Content, der, CorpusPublisher.Name, Publisher.Trust, CorpusPublisher.Now);
        }
        catch (BundleException)
        {
        }

        try
        {
            var signature = SignatureVerifier.Decode(der);
            using var signer = SignatureVerifier.LoadSigner(signature);
            BundleSignature.Of(signature.Algorithm, signer, null);
        }
        catch (BundleException)
        {
        }
    }
}
