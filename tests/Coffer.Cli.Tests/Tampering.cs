namespace Coffer.Cli.Tests;

/// <summary>Makes altered copies of files.</summary>
internal static class Tampering
{
    /// <summary>A copy with one bit flipped, that many bytes from the end.</summary>
    public static async Task<string> FlipAsync(string source, string copy, int fromEnd)
    {
        var bytes = await File.ReadAllBytesAsync(source, TestContext.Current.CancellationToken);
        bytes[^fromEnd] ^= 1;
        await File.WriteAllBytesAsync(copy, bytes, TestContext.Current.CancellationToken);
        return copy;
    }

    /// <summary>A copy without the last bytes.</summary>
    public static async Task<string> TruncateAsync(string source, string copy, int missing)
    {
        var bytes = await File.ReadAllBytesAsync(source, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(copy, bytes[..^missing], TestContext.Current.CancellationToken);
        return copy;
    }
}
