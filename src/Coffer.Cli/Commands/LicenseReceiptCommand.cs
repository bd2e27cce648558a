using System.CommandLine;
using Coffer.Bundles;

namespace Coffer.Cli.Commands;

/// <summary><c>coffer license receipt</c>: this device's signed statement of how much of a license it used.</summary>
internal sealed class LicenseReceiptCommand : ToolCommand
{
    private readonly Argument<string> _license = new("LICENSE") { Description = "The license, which counts calls; it is verified first." };
    private readonly Option<string> _trust = new("--trust") { Description = "The folder of trust anchors.", HelpName = "DIR", Required = true };
    private readonly Option<string> _device = new("--device") { Description = "This device's private key, device.key.", HelpName = "DEVICE.key", Required = true };
    private readonly Option<string> _output = new("--output", "-o") { Description = "The file of receipts; the new one is written behind those that it holds.", HelpName = "FILE", Required = true };
    private readonly PassphraseOptions _passphrase = new();

    public LicenseReceiptCommand(ToolHost host, Option<bool> json)
        : base(
            host,
            json,
            "receipt",
            "Has this device sign how many calls it counted since its last receipt: what a vendor collects from a device that is never online.",
            "coffer license receipt digits.license --trust keys/trust --device keys/device.key -o receipts.txt")
    {
        Add(_trust);
        Add(_device);
        Add(_output);
        _passphrase.AddTo(this);
        Add(_license);
    }

    protected override Task<int> RunAsync(ParseResult line, Output output, CancellationToken cancellationToken)
    {
        var license = License.Load(line.GetRequiredValue(_license)).Verify(TrustStore.FromDirectory(line.GetRequiredValue(_trust), Host.Clock));
        using var device = FileDeviceKey.Load(line.GetRequiredValue(_device), _passphrase.Read(line, Host).Span);
        var path = line.GetRequiredValue(_output);

        var receipt = ReceiptFile.Append(path, () => UsageReceipt.Issue(license, device, clock: Host.Clock));
        if (output.IsJson)
        {
            output.Json(json =>
            {
                json.WriteStartObject();
                json.WriteString("file", path);
                ReceiptText.WriteReceipt(json, receipt);
                json.WriteEndObject();
            });
        }
        else
        {
            output.Line($"{path}: receipt {receipt.RecordNumber} of this device for a license of '{receipt.Issuer}'.");
            output.Line();
            output.Fields(
                ("Calls", Text.Count(receipt.Calls)),
                ("Period", ReceiptText.Period(receipt)),
                ("Total", $"{Text.Count(receipt.Total, "call")} since the device was made"),
                ("Grant", receipt.LicenseId),
                ("Device", receipt.Device));
            output.Line();
            output.Line("Hand the file in; who gets it checks it with 'coffer license audit'. Keep it: a receipt that is missing shows.");
        }

        return Task.FromResult(ExitCodes.Ok);
    }
}
