using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Coffer.Bundles;
using Coffer.Tests.Signing;

namespace Coffer.Corpus;

/// <summary>Signatures that FORMAT.md §5 refuses, over a manifest that is right.</summary>
internal static class SignatureVectors
{
    private const string Spec = "§5";

    private static readonly CorpusPublisher Publisher = new();

    public static IEnumerable<Vector> All()
    {
        yield return BundleVectors.Accepted("valid-intermediate", "a chain through an intermediate certificate", Spec, Signed(content => CorpusBundle.Cms(content, Publisher.SignerUnderIntermediate, chain: [Publisher.Intermediate])));
        foreach (var vector in Altered().Concat(Certificates()).Concat(Values()).Concat(Encodings()))
        {
            yield return vector;
        }
    }

    private static IEnumerable<Vector> Altered()
    {
        const string What = "changed after it was signed";
        yield return Vector("altered-sequence", $"the sequence was {What}", BundleError.ContentAltered, Finished("\"sequence\":1", "\"sequence\":9"), BundleSection.SignedContent);
        yield return Vector("altered-digest", $"a part's digest was {What}", BundleError.ContentAltered, Finished("\"digest\":\"", "\"digest\":\"", flip: 10), BundleSection.SignedContent);
        yield return Vector("altered-timestamp-rule", $"whether a timestamp is required was {What}", BundleError.ContentAltered, new CorpusBundle { TimestampRequired = true, Finish = bundle => Replace(bundle, "\"timestamp\":\"required\"", "\"timestamp\":\"none\"    ") }, BundleSection.SignedContent);
        yield return Vector("altered-white-space", $"a space in the manifest was {What}, and its meaning was not", BundleError.ContentAltered, new CorpusBundle { EditManifest = text => text[..^1] + " }", Finish = bundle => Replace(bundle, "] }", "]\t}") }, BundleSection.SignedContent);
    }

    private static IEnumerable<Vector> Certificates()
    {
        yield return Signer("signer-other-root", "a signer under a root that is not the publisher's", BundleError.UntrustedSigner, CorpusPublisher.Issue("corpus signer", Publisher.SignerKey, Publisher.OtherRoot, Publisher.OtherRootKey, 20));
        yield return Signer("signer-forged-issuer", "a signer that names the publisher's root, which did not sign it", BundleError.UntrustedSigner, CorpusPublisher.Issue("corpus signer", Publisher.SignerKey, Publisher.Root, Publisher.OtherRootKey, 21));
        yield return Signer("signer-other-usage", "a certificate for servers", BundleError.SignerWrongUsage, CorpusPublisher.Issue("corpus signer", Publisher.SignerKey, Publisher.Root, Publisher.RootKey, 22, usage: "1.3.6.1.5.5.7.3.1"));
        yield return Signer("signer-any-usage", "a certificate for any use", BundleError.SignerWrongUsage, CorpusPublisher.Issue("corpus signer", Publisher.SignerKey, Publisher.Root, Publisher.RootKey, 23, usage: "2.5.29.37.0"));
        yield return Signer("signer-key-agreement", "a certificate without digitalSignature", BundleError.SignerWrongUsage, CorpusPublisher.Issue("corpus signer", Publisher.SignerKey, Publisher.Root, Publisher.RootKey, 24, keyUsage: X509KeyUsageFlags.KeyAgreement));
        yield return Signer("signer-authority", "a certificate of an authority", BundleError.SignerWrongUsage, CorpusPublisher.Issue("corpus signer", Publisher.SignerKey, Publisher.Root, Publisher.RootKey, 25, authority: true));
        yield return Signer("signer-expired", "a certificate that has expired", BundleError.SignerExpired, CorpusPublisher.Issue("corpus signer", Publisher.SignerKey, Publisher.Root, Publisher.RootKey, 26, days: 30));
        yield return Signer("signer-not-yet-valid", "a certificate that is not yet valid", BundleError.SignerNotYetValid, CorpusPublisher.Issue("corpus signer", Publisher.SignerKey, Publisher.Root, Publisher.RootKey, 27, fromDays: 365, days: 30));
        yield return Signer("chain-without-intermediate", "the intermediate certificate is missing", BundleError.UntrustedSigner, Publisher.SignerUnderIntermediate);
        var expired = CorpusPublisher.Issue("corpus authority", Publisher.IntermediateKey, Publisher.Root, Publisher.RootKey, 28, authority: true, days: 30);
        yield return Signer("chain-intermediate-expired", "the intermediate certificate has expired", BundleError.SignerExpired, Publisher.SignerUnderIntermediate, expired);
        var leaf = CorpusPublisher.Issue("corpus authority", Publisher.IntermediateKey, Publisher.Root, Publisher.RootKey, 29);
        yield return Signer("chain-intermediate-no-authority", "the intermediate certificate is no authority", BundleError.UntrustedSigner, Publisher.SignerUnderIntermediate, leaf);
        yield return Signer("signer-is-the-root", "the root itself signs", BundleError.SignerWrongUsage, Publisher.Root, key: Publisher.RootKey);
        yield return Vector("publisher-unknown", "a publisher that is not trusted", BundleError.UntrustedSigner, BundleVectors.Edited(text => text.Replace("acme", "zeta", StringComparison.Ordinal)));
    }

    private static IEnumerable<Vector> Values()
    {
        yield return Cms("signature-of-another-key", "the value is by another key than the certificate's", cms => cms with { Signature = EcdsaDer.Encode(Publisher.OtherRootKey.SignHash(SHA256.HashData(cms.EncodeSignedAttributes()))) });
        yield return Cms("signature-high-s", "s is the higher of its two values", cms => cms with { Signature = OtherForm(cms.Signature) });
        yield return Cms("signature-r-altered", "a bit of r is another", cms => cms with { Signature = Flip(cms.Signature.ToArray(), 10) });
        yield return Cms("signature-empty", "the value is empty", cms => cms with { Signature = Array.Empty<byte>() });
        yield return Cms("signature-zero", "r and s are zero", cms => cms with { Signature = new byte[] { 0x30, 6, 2, 1, 0, 2, 1, 0 } });
        yield return Cms("signature-algorithm-p384", "the algorithm is P-384's, the key is on P-256", cms => cms with { Algorithm = SignatureAlgorithm.EcdsaP384 });
        yield return Cms("signature-algorithm-rsa", "the algorithm is RSA's, the key is on P-256", cms => cms with { Algorithm = SignatureAlgorithm.RsaPss });
        yield return Cms("digest-altered", "the signed digest is of other bytes, and signed by nobody", cms => cms with { MessageDigest = SHA256.HashData([]) });
        yield return Cms("serial-of-another", "the signer is named by another serial number", cms => cms with { SignerSerial = 77 });
        yield return Cms("issuer-of-another", "the signer is named by another issuer", cms => cms with { SignerIssuer = Publisher.OtherRoot.SubjectName.RawData });
        yield return Cms("root-added", "the root is embedded, and bound by nobody", cms => cms with { Certificates = [.. cms.Certificates, Publisher.Root.RawDataMemory] });
        yield return Cms("nine-certificates", "nine certificates, bound and signed", cms => Resign(cms with { Certificates = [cms.Certificates[0], .. Enumerable.Range(100, 8).Select(serial => CorpusPublisher.Issue($"c{serial}", Publisher.SignerKey, Publisher.Root, Publisher.RootKey, (byte)serial).RawDataMemory)] }));
        yield return Vector("certificate-that-is-none", "what stands beside the signer's certificate is none, by a signer whom nobody trusts", BundleError.InvalidSignature, Signed(content =>
        {
            using var other = CorpusPublisher.Issue("somebody", Publisher.SignerKey, Publisher.Root, Publisher.OtherRootKey, 30);
            return Resign(CorpusBundle.Cms(content, other) with { Certificates = [other.RawDataMemory, new byte[] { 0xA1, 0 }] });
        }));
    }

    // Edits to the tree of bytes: what the signature covers stays, unless it is said.
    private static IEnumerable<Vector> Encodings()
    {
        yield return Tree("trailing-byte-in-der", "a byte follows the structure", (_, _) => { }, der => [.. der, 0]);
        yield return Tree("not-der", "the signature is no DER", (_, _) => { }, _ => "signature"u8.ToArray());
        yield return Tree("indefinite-length", "an indefinite length", (root, _) => root.LengthExcess = -1);
        yield return Tree("long-length", "a length in more bytes than it needs", (_, signedData) => signedData.LengthExcess = 1);
        yield return Tree("signed-data-version-3", "version 3 of SignedData", (_, signedData) => signedData.Children![0].Content = [3]);
        yield return Tree("digest-algorithm-null", "NULL parameters of the digest algorithm", (_, signedData) => signedData.Children![1].Children![0].Children!.Add(Null()));
        yield return Tree("two-digest-algorithms", "a digest algorithm twice", (_, signedData) => signedData.Children![1].Children!.Add(signedData.Children[1].Children![0]));
        yield return Tree("no-digest-algorithm", "no digest algorithm", (_, signedData) => signedData.Children![1].Children!.Clear());
        yield return Tree("attached-content", "content inside the structure", (_, signedData) => signedData.Children![2].Children!.Add(new DerNode { Tag = 0xA0, Children = [new DerNode { Tag = 4, Content = [1] }] }));
        yield return Tree("no-certificates", "no certificates", (_, signedData) => signedData.Children![3].Children!.Clear());
        yield return Tree("certificate-twice", "a certificate twice", (_, signedData) => signedData.Children![3].Children!.Add(signedData.Children[3].Children![0]));
        yield return Tree("certificate-altered", "a bit of the certificate's signature is another", (_, signedData) => Flip(signedData.Children![3].Children![0].Children![2].Content, 20));
        yield return Tree("certificate-high-s", "the certificate's own signature in its other form", (_, signedData) =>
        {
            var value = signedData.Children![3].Children![0].Children![2];
            value.Content = [0, .. OtherForm(value.Content.AsMemory(1))];
        });
        yield return Tree("revocation-list", "an empty list of CRLs", (_, signedData) => signedData.Children!.Insert(4, new DerNode { Tag = 0xA1, Children = [] }));
        yield return Tree("two-signers", "the signer twice", (_, signedData) => signedData.Children![^1].Children!.Add(signedData.Children[^1].Children![0]));
        yield return Tree("no-signers", "no signer", (_, signedData) => signedData.Children![^1].Children!.Clear());
        yield return Info("signer-version-3", "version 3 of SignerInfo", info => info.Children![0].Content = [3]);
        yield return Info("signer-by-key-identifier", "the signer named by a key identifier", info => info.Children![1] = new DerNode { Tag = 0x80, Content = [1, 2, 3] });
        yield return Info("attribute-order", "the signed attributes in another order", info => info.Children![3].Children!.Reverse());
        yield return Info("attribute-removed", "signing-certificate-v2 removed", info => info.Children![3].Children!.RemoveAt(2));
        yield return Info("attribute-added", "signing-time added", info => info.Children![3].Children!.Insert(1, SigningTime()));
        yield return Info("attribute-twice", "content-type twice", info => info.Children![3].Children!.Insert(0, info.Children[3].Children![0]));
        yield return Info("attribute-added-signed", "signing-time added and signed", info =>
        {
            info.Children![3].Children!.Insert(1, SigningTime());
            SignAttributes(info);
        });
        yield return Info("attribute-removed-signed", "signing-certificate-v2 removed, the rest signed", info =>
        {
            info.Children![3].Children!.RemoveAt(2);
            SignAttributes(info);
        });
        yield return Info("unsigned-attribute", "an unsigned attribute that is no timestamp", info => info.Children!.Add(new DerNode { Tag = 0xA1, Children = [SigningTime()] }));
        yield return Info("unsigned-attributes-empty", "an empty list of unsigned attributes", info => info.Children!.Add(new DerNode { Tag = 0xA1, Children = [] }));
        yield return Info("signature-algorithm-null", "NULL parameters of the signature algorithm", info => info.Children![4].Children!.Add(Null()));
        yield return Info("signature-value-leading-zero", "r with a zero before it", info => info.Children![5].Content = LeadingZero(info.Children[5].Content));
    }

    private static DerNode Null() => new() { Tag = 5 };

    private static DerNode SigningTime() => DerNode.Parse(Convert.FromHexString("301C06092A864886F70D010905310F170D3236303630313132303030305A"));

    private static byte[] LeadingZero(byte[] signature)
    {
        var value = DerNode.Parse(signature);
        value.Children![0].Content = [0, .. value.Children[0].Content];
        return value.Encode();
    }

    // RFC 5652 §5.4: signed as a SET, not under the implicit tag.
    private static void SignAttributes(DerNode info)
    {
        var attributes = new DerNode { Tag = 0x31, Children = info.Children![3].Children }.Encode();
        info.Children[5].Content = EcdsaDer.Encode(Publisher.SignerKey.SignHash(SHA256.HashData(attributes)));
    }

    private static CmsSignature Resign(CmsSignature cms) => cms with { Signature = EcdsaDer.Encode(Publisher.SignerKey.SignHash(SHA256.HashData(cms.EncodeSignedAttributes()))) };

    internal static byte[] OtherForm(ReadOnlyMemory<byte> signature)
    {
        var order = new System.Numerics.BigInteger(P256.Order, isUnsigned: true, isBigEndian: true);
        var values = DerNode.Parse(signature.Span);
        var s = order - new System.Numerics.BigInteger(values.Children![1].Content, isUnsigned: false, isBigEndian: true);
        values.Children[1].Content = s.ToByteArray(isUnsigned: false, isBigEndian: true);
        return values.Encode();
    }

    private static byte[] Flip(byte[] bytes, int at)
    {
        bytes[at] ^= 1;
        return bytes;
    }

    private static CorpusBundle Signed(Func<byte[], CmsSignature> sign) => new() { Sign = content => sign(content).Encode() };

    private static CorpusBundle Finished(string old, string by, int flip = -1) => new()
    {
        Finish = bundle =>
        {
            var replaced = Replace(bundle, old, by);
            if (flip >= 0)
            {
                var at = replaced.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(by)) + flip;
                replaced[at] = replaced[at] == (byte)'0' ? (byte)'1' : (byte)'0';
            }

            return replaced;
        },
    };

    private static byte[] Replace(byte[] bundle, string old, string by)
    {
        byte[] copy = [.. bundle];
        System.Text.Encoding.UTF8.GetBytes(by).CopyTo(copy, bundle.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(old)));
        return copy;
    }

    private static Vector Cms(string name, string what, Func<CmsSignature, CmsSignature> edit) =>
        Vector(name, what, BundleError.InvalidSignature, Signed(content => edit(CorpusBundle.Cms(content))));

    private static Vector Signer(string name, string what, BundleError error, X509Certificate2 certificate, X509Certificate2? intermediate = null, ECDsa? key = null) =>
        Vector(name, what, error, Signed(content => CorpusBundle.Cms(content, certificate, key, intermediate is null ? [] : [intermediate])));

    private static Vector Info(string name, string what, Action<DerNode> edit) => Tree(name, what, (_, signedData) => edit(signedData.Children![^1].Children![0]));

    private static Vector Tree(string name, string what, Action<DerNode, DerNode> edit, Func<byte[], byte[]>? finish = null) =>
        Vector(name, what, BundleError.InvalidSignature, new CorpusBundle
        {
            Sign = content =>
            {
                var root = DerNode.Parse(CorpusBundle.Signed(content));
                edit(root, root.Children![1].Children![0]);
                return (finish ?? (der => der))(root.Encode());
            },
        });

    private static Vector Vector(string name, string what, BundleError error, CorpusBundle bundle, BundleSection section = BundleSection.Signature) =>
        BundleVectors.Refused(name, what, Spec, error, section, bundle);
}
