using System.Security.Cryptography;
using Coffer.Bundles;
using Coffer.Corpus;

namespace Coffer.Fuzz.Targets;

/// <summary>A ledger's file as it comes, and the same bytes with the device's own tag below.</summary>
internal sealed class LedgerTarget : IFuzzTarget
{
    private static readonly byte[] Key = CorpusContentKeys.Bytes("ledger key");

    public string Name => "ledger";

    public IReadOnlyList<byte[]> Seeds { get; } = [new LedgerContent("ledger-1").ToBytes(Key), Filled()];

    public void Run(byte[] input)
    {
        Use(input);
        var end = input.AsSpan().IndexOf((byte)'\n');
        var line = end < 0 ? input : input[..end];
        Use([.. line, (byte)'\n', .. System.Text.Encoding.ASCII.GetBytes(Base64UrlStrict.Encode(HMACSHA256.HashData(Key, line)))]);
    }

    private static void Use(byte[] content)
    {
        try
        {
            _ = LedgerContent.Parse(content, Key).ToBytes(Key);
        }
        catch (Exception e) when (e is FormatException or KeyNotFoundException or LicenseException)
        {
            // UsageLedger turns the first two into LedgerTampered; the third says that the ledger is full.
        }
    }

    private static byte[] Filled()
    {
        var content = new LedgerContent("ledger-1");
        content[new GrantId("acme-licenses", "grant-1")] = new LedgerEntry(3, 70);
        content[new GrantId("acme-licenses", "grant-2")] = new LedgerEntry(0, long.MaxValue);
        return content.ToBytes(Key);
    }
}
