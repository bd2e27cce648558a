using System.Security.Cryptography.X509Certificates;
using Coffer.Bundles;
using Coffer.Tests.Signing;

namespace Coffer.Corpus;

/// <summary>Timestamps that FORMAT.md §5 refuses, and one that it accepts.</summary>
internal static class TimestampVectors
{
    private const string Spec = "§5 Timestamp";

    private static readonly CorpusPublisher Publisher = new();
    private static readonly DeterministicEcdsa Key = DeterministicEcdsa.Named("timestamp authority");

    public static IEnumerable<Vector> All()
    {
        yield return BundleVectors.Accepted("valid-timestamp", "a timestamp, which the manifest requires", Spec, Stamped(signature => Authority().Sign(signature, CorpusPublisher.Now), required: true));
        yield return BundleVectors.Accepted("valid-timestamp-not-required", "a timestamp that the manifest does not require", Spec, Stamped(signature => Authority().Sign(signature, CorpusPublisher.Now)));
        using var expired = CorpusPublisher.Issue("corpus signer", Publisher.SignerKey, Publisher.Root, Publisher.RootKey, 40, days: 30);
        yield return BundleVectors.Accepted("valid-timestamp-signer-expired", "a signer that has expired since the timestamp", Spec, Stamped(signature => Authority().Sign(signature, CorpusPublisher.Now.AddDays(-140)), signer: expired));
        using var late = CorpusPublisher.Issue("corpus signer", Publisher.SignerKey, Publisher.Root, Publisher.RootKey, 44, fromDays: 120);
        yield return BundleVectors.Refused("timestamp-missing", "the manifest requires a timestamp, and there is none", "§8", BundleError.TimestampMissing, BundleSection.Signature, new CorpusBundle { TimestampRequired = true });
        yield return BundleVectors.Refused("timestamp-before-the-signer", "a timestamp of before the signer's certificate", Spec, BundleError.SignerNotYetValid, BundleSection.Signature, Stamped(signature => Authority().Sign(signature, CorpusPublisher.Now.AddDays(-60)), signer: late));
        yield return Invalid("timestamp-of-another-signature", "a timestamp of another signature", _ => Authority().Sign("another"u8, CorpusPublisher.Now));
        yield return Invalid("timestamp-of-the-future", "a timestamp of more than five minutes to come", signature => Authority().Sign(signature, CorpusPublisher.Now.AddSeconds(301)));
        yield return Invalid("timestamp-other-root", "an authority under another root", signature => new CorpusAuthority(CorpusPublisher.Issue("corpus timestamps", Key, Publisher.OtherRoot, Publisher.OtherRootKey, 41, usage: CmsOids.TimeStamping), Key).Sign(signature, CorpusPublisher.Now));
        yield return Invalid("timestamp-publishers-root", "an authority under the publisher's root", signature => new CorpusAuthority(CorpusPublisher.Issue("corpus timestamps", Key, Publisher.Root, Publisher.RootKey, 42, usage: CmsOids.TimeStamping), Key).Sign(signature, CorpusPublisher.Now));
        yield return Invalid("timestamp-usage-not-critical", "an authority whose extended key usage is not critical", signature => Authority(critical: false).Sign(signature, CorpusPublisher.Now));
        yield return Invalid("timestamp-other-usage", "an authority whose certificate is for signing code", signature => Authority("1.3.6.1.5.5.7.3.3").Sign(signature, CorpusPublisher.Now));
        yield return Invalid("timestamp-authority-expired", "an authority that had expired at its time", signature => Authority(days: 30).Sign(signature, CorpusPublisher.Now));
        yield return Refused("timestamp-high-s", "s of the authority is the higher of its two values", signature => Authority().Sign(signature, CorpusPublisher.Now), token => token with { Signature = SignatureVectors.OtherForm(token.Signature) });
        yield return Invalid("timestamp-value-altered", "a bit of the time is another", signature => Authority().Sign(signature, CorpusPublisher.Now), token =>
        {
            var info = token.Info.ToArray();
            info[^3] ^= 1;
            return token with { Info = info };
        });
        yield return Refused("timestamp-certificate-added", "a certificate that the token does not bind", signature => Authority().Sign(signature, CorpusPublisher.Now), token => token with { Certificates = [.. token.Certificates, Publisher.TimestampRoot.RawDataMemory] });
        yield return Invalid("timestamp-attribute-removed", "content-type removed from the signed attributes", signature => Authority().Sign(signature, CorpusPublisher.Now), token => token with { SignedAttributes = [.. token.SignedAttributes.Skip(1)] });
        yield return Refused("timestamp-attribute-long-length", "a signed attribute with a length in more bytes than it needs, which RFC 5652 §5.4 leaves out of what is signed", signature => Authority().Sign(signature, CorpusPublisher.Now), token =>
        {
            var attribute = DerNode.Parse(token.SignedAttributes[0].Span);
            attribute.Children![1].LengthExcess = 1;
            return token with { SignedAttributes = [attribute.Encode(), .. token.SignedAttributes.Skip(1)] };
        });
    }

    private static CorpusAuthority Authority(string usage = CmsOids.TimeStamping, bool critical = true, int days = 20 * 365) =>
        new(CorpusPublisher.Issue("corpus timestamps", Key, Publisher.TimestampRoot, Publisher.TimestampRootKey, 43, usage: usage, critical: critical, days: days), Key);

    private static Vector Invalid(string name, string what, Signer sign, Func<TimestampToken, TimestampToken>? edit = null) =>
        BundleVectors.Refused(name, what, Spec, BundleError.TimestampInvalid, BundleSection.Signature, Stamped(sign, edit));

    private static Vector Refused(string name, string what, Signer sign, Func<TimestampToken, TimestampToken> edit) =>
        BundleVectors.Refused(name, what, Spec, BundleError.InvalidSignature, BundleSection.Signature, Stamped(sign, edit));

    private delegate TimestampToken Signer(ReadOnlySpan<byte> signature);

    private static CorpusBundle Stamped(Signer sign, Func<TimestampToken, TimestampToken>? edit = null, bool required = false, X509Certificate2? signer = null) => new()
    {
        TimestampRequired = required,
        Sign = content =>
        {
            var cms = CorpusBundle.Cms(content, signer);
            return (cms with { Timestamp = (edit ?? (token => token))(sign(cms.Signature.Span)) }).Encode();
        },
    };
}
