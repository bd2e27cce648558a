namespace Coffer.Bundles;

/// <summary>What the receipts of one grant on one device show, laid side by side.</summary>
public sealed class ReceiptAudit
{
    private ReceiptAudit(IReadOnlyList<UsageReceipt> receipts, IReadOnlyList<string> findings)
    {
        Receipts = receipts;
        Findings = findings;
    }

    /// <summary>The receipts by number; a device that was set back has two of one number.</summary>
    public IReadOnlyList<UsageReceipt> Receipts { get; }

    /// <summary>What is wrong, a sentence each: a missing receipt, a fork, a count that does not add up. Empty where all is well.</summary>
    public IReadOnlyList<string> Findings { get; }

    /// <summary>Calls that the newest receipt attests in all.</summary>
    public long Total => Receipts.Count == 0 ? 0 : Receipts.Max(receipt => receipt.Total);

    /// <summary>Lays receipts side by side.</summary>
    /// <param name="receipts">Verified receipts of one grant on one device, in any order; the same one may be there twice.</param>
    /// <exception cref="ArgumentException">They are of several grants or devices.</exception>
    public static ReceiptAudit Of(IEnumerable<UsageReceipt> receipts)
    {
        ArgumentNullException.ThrowIfNull(receipts);
        List<UsageReceipt> ordered = [.. receipts.DistinctBy(receipt => receipt.Digest).OrderBy(receipt => receipt.RecordNumber).ThenBy(receipt => receipt.To)];
        if (ordered.DistinctBy(receipt => (receipt.Device, receipt.Issuer, receipt.LicenseId)).Count() > 1)
        {
            throw new ArgumentException("The receipts are of several licenses or devices; look at each by itself.", nameof(receipts));
        }

        return new ReceiptAudit(ordered, [.. ordered.SelectMany((receipt, i) => Examine(ordered, receipt, i))]);
    }

    private static IEnumerable<string> Examine(List<UsageReceipt> all, UsageReceipt receipt, int position)
    {
        if (position > 0 && all[position - 1].RecordNumber == receipt.RecordNumber)
        {
            yield return $"There are two receipts {receipt.RecordNumber}: the device's state was set back, or copied.";
            yield break;
        }

        var known = position == 0 ? 0 : all[position - 1].RecordNumber;
        if (receipt.RecordNumber > known + 1)
        {
            yield return known + 2 == receipt.RecordNumber ? $"Receipt {known + 1} is missing." : $"Receipts {known + 1} to {receipt.RecordNumber - 1} are missing.";
            yield break;
        }

        var before = all.FindAll(other => other.RecordNumber == known && known > 0);
        var previous = before.Find(other => other.Digest == receipt.Previous);
        if (known > 0 && previous is null)
        {
            yield return $"Receipt {receipt.RecordNumber} does not follow receipt {known}: the device's state was set back, or copied.";
        }
        else if (receipt.Total != (previous?.Total ?? 0) + receipt.Calls)
        {
            yield return $"Receipt {receipt.RecordNumber} does not add up: {receipt.Calls} calls after {previous?.Total ?? 0} make not {receipt.Total}.";
        }
    }
}
