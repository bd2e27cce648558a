using System.Diagnostics;

namespace Coffer.Tests;

/// <summary>The openssl command, for what others make or accept.</summary>
internal static class OpenSsl
{
    /// <summary>Runs it in a folder; skips the test where it is not installed.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string arguments, string? folder = null)
    {
        Process? process = null;
        try
        {
            process = Process.Start(new ProcessStartInfo("openssl", arguments) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = folder ?? string.Empty });
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Repository.Require("The openssl command is not installed");
        }

        using (process)
        {
            var output = await process!.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (process.ExitCode, output);
        }
    }
}
