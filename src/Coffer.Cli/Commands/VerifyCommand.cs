using System.CommandLine;
using Coffer.Bundles;

namespace Coffer.Cli.Commands;

/// <summary><c>coffer verify</c>: whether a publisher that is trusted signed every byte of a bundle.</summary>
internal sealed class VerifyCommand : ToolCommand
{
    private readonly Argument<string> _file = new("FILE") { Description = "A bundle." };
    private readonly Option<string> _trust = new("--trust") { Description = "The folder of trust anchors, as 'coffer keys init' makes it.", HelpName = "DIR", Required = true };

    public VerifyCommand(ToolHost host, Option<bool> json)
        : base(host, json, "verify", "Checks a bundle's signature and every part of it, without decrypting.", "coffer verify digits.coffer --trust keys/trust")
    {
        Add(_file);
        Add(_trust);
    }

    protected override async Task<int> RunAsync(ParseResult line, Output output, CancellationToken cancellationToken)
    {
        var path = line.GetRequiredValue(_file);
        var trust = TrustStore.FromDirectory(line.GetRequiredValue(_trust), Host.Clock);
        using var signed = SignedBundle.Open(path);
        using var bundle = signed.Verify(trust, new VerificationOptions { Clock = Host.Clock });
        var total = bundle.Manifest.Parts.Sum(part => part.Length);
        await ProgressBar.ShowAsync(Host, bar =>
        {
            bundle.VerifyParts(bar is null ? null : new Checked(bar, total), cancellationToken);
            return Task.FromResult(true);
        });

        if (output.IsJson)
        {
            output.Json(json =>
            {
                json.WriteStartObject();
                json.WriteString("file", path);
                json.WriteNumber("length", signed.Length);
                json.WriteBoolean("verified", true);
                ManifestText.WriteModel(json, bundle.Manifest, bundle.ManifestDigest);
                ManifestText.WriteDetails(json, bundle.Manifest, bundle.Signature);
                json.WriteEndObject();
            });
        }
        else
        {
            output.Line($"{path}: verified. '{bundle.Manifest.Publisher}' signed it, and all {bundle.Manifest.Parts.Count} parts are as they were signed.");
            output.Line();
            ManifestText.Write(output, bundle.Manifest, bundle.ManifestDigest, signed.Length, bundle.Signature);
        }

        return ExitCodes.Ok;
    }

    private sealed class Checked(ProgressBar bar, long total) : IProgress<long>
    {
        public void Report(long value) => bar.Report("Checking parts", value, total);
    }
}
