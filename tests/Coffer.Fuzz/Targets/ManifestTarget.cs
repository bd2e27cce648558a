using Coffer.Bundles;
using Coffer.Corpus;

namespace Coffer.Fuzz.Targets;

/// <summary>A manifest alone, and in a file that fits around it.</summary>
internal sealed class ManifestTarget : IFuzzTarget
{
    public string Name => "manifest";

    public IReadOnlyList<byte[]> Seeds { get; } = [Manifest(text => text), Manifest(text => text[..^1] + ",\"must\":[\"id\"],\"note\":{\"a\":[1,null]}}")];

    public void Run(byte[] input)
    {
        try
        {
            _ = ManifestJson.Write(ManifestJson.Read(input, BundleLimits.Default));
        }
        catch (BundleException)
        {
        }

        try
        {
            var bundle = new byte[BundleHeader.Size + input.Length + CorpusBundle.Slot];
            new BundleHeader(input.Length, CorpusBundle.Slot, bundle.Length).Write(bundle);
            input.CopyTo(bundle, BundleHeader.Size);
            SignedBundle.FromMemory(bundle).Dispose();
        }
        catch (BundleException)
        {
        }
    }

    private static byte[] Manifest(Func<string, string> edit)
    {
        var bundle = new CorpusBundle { EditManifest = edit }.Build();
        using var signed = SignedBundle.FromMemory(bundle);
        return bundle[BundleHeader.Size..signed.SignedLength];
    }
}
