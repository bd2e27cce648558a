using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Coffer.Bundles;

namespace Coffer.Corpus;

/// <summary>
/// Builds a bundle step by step, each of which may be given another value than the right one. Apart from <see cref="BundleWriter"/>: what is
/// wrong here must be wrong on purpose, and every salt is fixed.
/// </summary>
internal sealed class CorpusBundle
{
    public const int Slot = BundleHeader.MinSignatureCapacity;

    private static readonly CorpusPublisher Publisher = new();

    /// <summary>Name, group and plaintext.</summary>
    public IReadOnlyList<(string Name, PartGroup Group, byte[] Plaintext)> Parts { get; init; } =
    [
        ("settings.json", PartGroup.Settings, "{}"u8.ToArray()),
        ("files/labels.txt", PartGroup.Settings, []),
        ("graphs/model/weights", PartGroup.Weights, [.. Enumerable.Range(0, 700).Select(i => (byte)i)]),
    ];

    /// <summary>What is done to a part's message before it is hashed.</summary>
    public Action<int, byte[]> EditMessage { get; init; } = (_, _) => { };

    /// <summary>What is done to the manifest before it is signed.</summary>
    public Func<string, string> EditManifest { get; init; } = text => text;

    /// <summary>What is done to the header before it is signed.</summary>
    public Action<byte[]> EditHeader { get; init; } = _ => { };

    /// <summary>Signs header and manifest.</summary>
    public Func<byte[], byte[]> Sign { get; init; } = Signed;

    /// <summary>What is done to the whole at the end.</summary>
    public Func<byte[], byte[]> Finish { get; init; } = bundle => bundle;

    public bool TimestampRequired { get; init; }

    /// <summary>The context that encrypts; another than the manifest's for a part moved from elsewhere.</summary>
    public Func<BundleManifest, BundleManifest> EncryptAs { get; init; } = manifest => manifest;

    public Func<PartGroup, byte[]> KeyBytes { get; init; } = group => CorpusContentKeys.Bytes($"content key {CorpusContentKeys.Of(group)}");

    public byte[] Build()
    {
        var lengths = Parts.Select(part => ChunkedAead.EncryptedLength(part.Plaintext.Length)).ToList();
        var manifest = new BundleManifest
        {
            Publisher = CorpusPublisher.Name,
            Id = "acme/digits",
            Version = SemanticVersion.Parse("1.2.0"),
            Sequence = 1,
            Instance = CorpusContentKeys.Bytes("instance", 16),
            Task = "image-classification",
            Created = CorpusPublisher.Now,
            MinSdk = SemanticVersion.Parse("0.1.0"),
            TimestampRequired = TimestampRequired,
            KeyIds = Parts.Select(part => part.Group).Distinct().ToDictionary(group => group, CorpusContentKeys.Of),
            Parts = [.. Parts.Select((part, i) => new BundlePart(part.Name, part.Group, 0, lengths[i], new byte[HashTree.DigestSize]))],
        };
        var messages = Parts.Select((part, i) => Encrypt(EncryptAs(manifest), part, i)).ToList();
        manifest = manifest with { Parts = [.. manifest.Parts.Select((part, i) => part with { Digest = Digest(messages[i]) })] };
        var (text, layout) = Settle(manifest, lengths);

        var bundle = new byte[layout.TotalLength];
        new BundleHeader(text.Length, Slot, bundle.Length).Write(bundle);
        text.CopyTo(bundle, BundleHeader.Size);
        EditHeader(bundle);
        for (var i = 0; i < messages.Count; i++)
        {
            Digest(messages[i]).CopyTo(bundle, layout.LeafTable(i));
            messages[i].CopyTo(bundle, layout.Part(i));
        }

        SignatureSlot.TryEncode(Sign(bundle[..(int)layout.SlotOffset]), Slot)!.CopyTo(bundle, layout.SlotOffset);
        return Finish(bundle);
    }

    public static byte[] Signed(byte[] content) => Cms(content).Encode();

    /// <summary>The signature as values, so that one can be another.</summary>
    public static CmsSignature Cms(byte[] content, X509Certificate2? certificate = null, ECDsa? key = null, IReadOnlyList<X509Certificate2>? chain = null) =>
        CmsSignature.Decode(new BundleSigner(key ?? Publisher.SignerKey, certificate ?? Publisher.Signer, chain ?? []).Sign(content));

    private byte[] Encrypt(BundleManifest manifest, (string Name, PartGroup Group, byte[] Plaintext) part, int index)
    {
        using var message = ChunkedAead.Create(KeyBytes(part.Group), CorpusContentKeys.Bytes($"salt {part.Name}", ChunkedAead.SaltSize), PartContext.For(manifest, part.Name));
        using var cipher = message.CreateCipher();
        var encrypted = new byte[ChunkedAead.EncryptedLength(part.Plaintext.Length)];
        message.WriteHeader(encrypted);
        cipher.Encrypt(0, part.Plaintext, last: true, encrypted.AsSpan(ChunkedAead.HeaderSize));
        EditMessage(index, encrypted);
        return encrypted;
    }

    // Every part of the corpus is one leaf.
    private static byte[] Digest(byte[] message)
    {
        var digest = new byte[HashTree.DigestSize];
        HashTree.HashLeaf(message, digest);
        return digest;
    }

    // The manifest holds offsets, which depend on its own length.
    private (byte[] Text, BundleLayout Layout) Settle(BundleManifest manifest, List<long> lengths)
    {
        for (var length = 0; ;)
        {
            var layout = new BundleLayout(length, Slot, lengths);
            var placed = manifest with { Parts = [.. manifest.Parts.Select((part, i) => part with { Offset = layout.Part(i) })] };
            var text = Encoding.UTF8.GetBytes(EditManifest(Encoding.UTF8.GetString(ManifestJson.Write(placed))));
            if (text.Length == length)
            {
                return (text, layout);
            }

            length = text.Length;
        }
    }
}
