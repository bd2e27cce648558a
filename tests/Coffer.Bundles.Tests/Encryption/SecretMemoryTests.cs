using System.Globalization;
using Coffer.Bundles;

namespace Coffer.Tests.Encryption;

/// <summary>Memory of decrypted parts, as the kernel sees it. Nothing may run beside it: who gets the pages next may leave them out, too.</summary>
[Collection(nameof(Alone))]
public sealed class SecretMemoryTests
{
    // proc(5): VmFlags of a mapping, 'dd' for one that core dumps leave out.
    [Theory]
    [InlineData(1)]
    [InlineData(100_000)]
    [InlineData(5 << 20)]
    public unsafe void Constructor_OnLinux_IsLeftOutOfCoreDumpsUntilItIsFree(int length)
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("Advice of Linux.");
            return;
        }

        long first;
        using (var memory = new SecretMemory(length))
        {
            first = (long)memory.Pointer;
            Assert.Contains("dd", FlagsOf(first));
            Assert.Contains("dd", FlagsOf(first + length - 1));
        }

        Assert.DoesNotContain("dd", FlagsOf(first));
    }

    private static string[] FlagsOf(long address)
    {
        var inside = false;
        foreach (var line in File.ReadLines("/proc/self/smaps"))
        {
            var head = line.Split(' ')[0];
            if (head.Split('-') is [var start, var end] && long.TryParse(start, NumberStyles.HexNumber, null, out var from) && long.TryParse(end, NumberStyles.HexNumber, null, out var to))
            {
                inside = address >= from && address < to;
            }
            else if (inside && head == "VmFlags:")
            {
                return line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..];
            }
        }

        return [];
    }
}
