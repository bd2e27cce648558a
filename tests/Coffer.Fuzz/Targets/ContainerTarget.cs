using Coffer.Bundles;
using Coffer.Corpus;

namespace Coffer.Fuzz.Targets;

/// <summary>A bundle from its first byte to its last decrypted one.</summary>
internal sealed class ContainerTarget : IFuzzTarget
{
    private static readonly CorpusPublisher Publisher = new();

    public string Name => "container";

    public IReadOnlyList<byte[]> Seeds { get; } = [new CorpusBundle().Build(), new CorpusBundle { TimestampRequired = true }.Build()];

    public void Run(byte[] input)
    {
        try
        {
            using var signed = SignedBundle.FromMemory(input);
            try
            {
                _ = signed.ReadSignature();
            }
            catch (BundleException)
            {
                // It is asked for verified, too.
            }

            using var verified = signed.Verify(Publisher.Trust, new VerificationOptions { Clock = new FixedClock(CorpusPublisher.Now) });
            verified.VerifyParts();
            foreach (var part in verified.Manifest.Parts)
            {
                using var key = CorpusContentKeys.Open(CorpusContentKeys.Of(part.Group));
                verified.Decrypt(part.Name, key, CancellationToken.None).Dispose();
            }
        }
        catch (BundleException)
        {
        }
    }
}
