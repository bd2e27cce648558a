using System.Collections.Concurrent;
using Coffer.Bundles;
using Coffer.Corpus;

namespace Coffer.Tests.Signing;

/// <summary>Every edit to the tree of a time-stamp token; no second encoding of a timestamp, and no other exception.</summary>
public sealed class TimestampAttackTests
{
    private static readonly byte[] Content = "header and manifest"u8.ToArray();

    private readonly CorpusPublisher _publisher = new();
    private readonly CmsSignature _signature;
    private readonly byte[] _token;

    public TimestampAttackTests()
    {
        var key = DeterministicEcdsa.Named("timestamp authority");
        var certificate = CorpusPublisher.Issue("corpus timestamps", key, _publisher.TimestampRoot, _publisher.TimestampRootKey, 8, usage: CmsOids.TimeStamping);
        _signature = CorpusBundle.Cms(Content);
        _token = new CorpusAuthority(certificate, key).Sign(_signature.Signature.Span, CorpusPublisher.Now).Encode();
        Assert.Null(Refusal(_token));
    }

    [Fact]
    public void Verify_EveryEditOfATokensTree_IsRefused()
    {
        var edited = DerEdits.Of(_token).ToList();
        var accepted = new ConcurrentBag<string>();

        Parallel.ForEach(edited, edit =>
        {
            if (Refusal(edit.Der) is not { Section: BundleSection.Signature, Error: BundleError.InvalidSignature or BundleError.TimestampInvalid })
            {
                accepted.Add($"{edit.What}: {Refusal(edit.Der)?.Error.ToString() ?? "accepted"}");
            }
        });

        TestContext.Current.TestOutputHelper?.WriteLine($"{edited.Count} structures.");
        Assert.True(edited.Count > 900, $"{edited.Count} structures.");
        Assert.True(accepted.IsEmpty, string.Join(", ", accepted));
    }

    private BundleException? Refusal(byte[] token)
    {
        // The token's bytes as they are, which the signature's own writer would not write.
        var cms = DerNode.Parse(_signature.Encode());
        cms.Children![1].Children![0].Children![^1].Children![0].Children!.Add(new DerNode
        {
            Tag = 0xA1,
            Children = [new DerNode { Tag = 0x30, Children = [DerNode.Parse(Convert.FromHexString("060B2A864886F70D010910020E")), new DerNode { Tag = 0x31, Content = token }] }],
        });
        try
        {
            SignatureVerifier.Verify(Content, cms.Encode(), CorpusPublisher.Name, _publisher.Trust, CorpusPublisher.Now);
            return null;
        }
        catch (BundleException e)
        {
            return e;
        }
    }
}
