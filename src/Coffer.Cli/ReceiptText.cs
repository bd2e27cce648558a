using System.Text.Json;
using Coffer.Bundles;

namespace Coffer.Cli;

/// <summary>Receipts of used calls, for people and for programs.</summary>
internal static class ReceiptText
{
    public static string Period(UsageReceipt receipt) =>
        receipt.From is { } from ? $"{Text.Of(from)} until {Text.Of(receipt.To)}" : $"until {Text.Of(receipt.To)}";

    /// <summary>The receipt's members.</summary>
    public static void WriteReceipt(Utf8JsonWriter json, UsageReceipt receipt)
    {
        json.WriteString("issuer", receipt.Issuer);
        json.WriteString("licenseId", receipt.LicenseId);
        json.WriteString("device", receipt.Device);
        json.WriteNumber("number", receipt.RecordNumber);
        json.WriteNumber("sequence", receipt.Sequence);
        json.WriteNumber("calls", receipt.Calls);
        json.WriteNumber("total", receipt.Total);
        json.WriteString("from", receipt.From is { } from ? Text.Stamp(from) : null);
        json.WriteString("to", Text.Stamp(receipt.To));
    }
}
