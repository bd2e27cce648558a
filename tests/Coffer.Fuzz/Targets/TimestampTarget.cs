using System.Security.Cryptography;
using Coffer.Bundles;
using Coffer.Corpus;

namespace Coffer.Fuzz.Targets;

/// <summary>A time-stamp token: alone, as an authority's, and in a signature.</summary>
internal sealed class TimestampTarget : IFuzzTarget
{
    private static readonly CorpusPublisher Publisher = new();
    private static readonly CmsSignature Signature = CorpusBundle.Cms("content"u8.ToArray());

    public string Name => "timestamp";

    public IReadOnlyList<byte[]> Seeds { get; } = [Authority().Sign(Signature.Signature.Span, CorpusPublisher.Now).Encode()];

    public static CorpusAuthority Authority()
    {
        var key = DeterministicEcdsa.Named("timestamp authority");
        return new CorpusAuthority(CorpusPublisher.Issue("corpus timestamps", key, Publisher.TimestampRoot, Publisher.TimestampRootKey, 8, usage: CmsOids.TimeStamping), key);
    }

    public void Run(byte[] input)
    {
        foreach (var decode in new Func<ReadOnlyMemory<byte>, TimestampToken>[] { TimestampToken.Decode, TimestampToken.FromAuthority })
        {
            TimestampToken token;
            try
            {
                token = decode(input);
            }
            catch (CryptographicException)
            {
                // Its documented refusal; the caller turns it into a BundleException.
                continue;
            }

            try
            {
                _ = TimestampVerifier.ReadTime(token);
            }
            catch (BundleException)
            {
            }

            try
            {
                SignatureVerifier.Verify("content"u8.ToArray(), (Signature with { Timestamp = token }).Encode(), CorpusPublisher.Name, Publisher.Trust, CorpusPublisher.Now);
            }
            catch (BundleException)
            {
            }
        }
    }
}
