using System.CommandLine;
using Coffer.Bundles;

namespace Coffer.Cli.Commands;

/// <summary><c>coffer license audit</c>: what a device's receipts attest, and whether they fit together.</summary>
internal sealed class LicenseAuditCommand : ToolCommand
{
    private readonly Argument<string> _file = new("FILE") { Description = "A file of receipts, one a line, as 'coffer license receipt' writes it." };
    private readonly Option<string> _device = new("--device") { Description = "The public file of the device that made them, device.jwk.", HelpName = "DEVICE.jwk", Required = true };

    public LicenseAuditCommand(ToolHost host, Option<bool> json)
        : base(
            host,
            json,
            "audit",
            "Checks a device's receipts: their signatures, that none is missing, that they add up, and that the device was not set back. Exit code 4 if not.",
            "coffer license audit receipts.txt --device device.jwk")
    {
        Add(_device);
        Add(_file);
    }

    protected override Task<int> RunAsync(ParseResult line, Output output, CancellationToken cancellationToken)
    {
        var path = line.GetRequiredValue(_file);
        var key = Recipient.Load(line.GetRequiredValue(_device)).SigningKey;
        var receipts = Read(path, key);
        var audits = receipts.GroupBy(receipt => (receipt.Issuer, receipt.LicenseId)).Select(ReceiptAudit.Of).ToList();
        var isClean = audits.TrueForAll(audit => audit.Findings.Count == 0);
        if (output.IsJson)
        {
            WriteJson(output, path, key, audits, isClean);
        }
        else
        {
            output.Line($"{path}: {Text.Count(receipts.Count, "receipt")} of the device {key.Thumbprint}. {(isClean ? "All is well." : "Something is wrong:")}");
            audits.ForEach(audit => WriteText(output, audit));
        }

        return Task.FromResult(isClean ? ExitCodes.Ok : ExitCodes.LicenseRefused);
    }

    private static List<UsageReceipt> Read(string path, JsonWebKey key)
    {
        var receipts = new List<UsageReceipt>();
        foreach (var (number, text) in File.ReadLines(path).Index().Where(item => item.Item.Length > 0))
        {
            try
            {
                receipts.Add(UsageReceipt.Verify(text, key));
            }
            catch (LicenseException e)
            {
                throw new LicenseException(e.Error, $"{path}, line {number + 1}: {e.Message}", e);
            }
        }

        return receipts.Count > 0 ? receipts : throw new FormatException($"'{path}' holds no receipts. Give the file that 'coffer license receipt' wrote on the device.");
    }

    private static void WriteText(Output output, ReceiptAudit audit)
    {
        output.Line();
        output.Line($"License {audit.Receipts[0].LicenseId} of '{audit.Receipts[0].Issuer}': {Text.Count(audit.Total, "call")} in all");
        output.Table([.. audit.Receipts.Select(receipt => new[] { $"  {receipt.RecordNumber}", ReceiptText.Period(receipt), Text.Count(receipt.Calls, "call"), $"{Text.Count(receipt.Total)} in all" })]);
        foreach (var finding in audit.Findings)
        {
            output.Line($"  ! {finding}");
        }
    }

    private static void WriteJson(Output output, string path, JsonWebKey key, List<ReceiptAudit> audits, bool isClean) => output.Json(json =>
    {
        json.WriteStartObject();
        json.WriteString("file", path);
        json.WriteString("device", key.Thumbprint);
        json.WriteBoolean("clean", isClean);
        json.WriteStartArray("licenses");
        foreach (var audit in audits)
        {
            json.WriteStartObject();
            json.WriteString("issuer", audit.Receipts[0].Issuer);
            json.WriteString("licenseId", audit.Receipts[0].LicenseId);
            json.WriteNumber("total", audit.Total);
            json.WriteStrings("findings", audit.Findings);
            json.WriteStartArray("receipts");
            foreach (var receipt in audit.Receipts)
            {
                json.WriteStartObject();
                ReceiptText.WriteReceipt(json, receipt);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });
}
