using System.Text;
using Coffer.Bundles;

namespace Coffer.Cli;

/// <summary>A file of receipts, one a line.</summary>
internal static class ReceiptFile
{
    /// <summary>Makes a receipt and writes it behind those that the file holds.</summary>
    public static UsageReceipt Append(string path, Func<UsageReceipt> issue)
    {
        // A receipt that is made and not kept is a gap in the audit: the file is open for writing before it is made.
        var isNew = !File.Exists(path);
        using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        try
        {
            var receipt = issue();
            file.Write(Encoding.ASCII.GetBytes($"{(EndsMidLine(file) ? "\n" : "")}{receipt.Token}\n"));
            file.Flush(flushToDisk: true);
            return receipt;
        }
        catch when (isNew && file.Length == 0)
        {
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Whether an editor left the last line without its end; the file is then at its end.</summary>
    private static bool EndsMidLine(FileStream file)
    {
        if (file.Length == 0)
        {
            return false;
        }

        file.Position = file.Length - 1;
        return file.ReadByte() != '\n';
    }
}
