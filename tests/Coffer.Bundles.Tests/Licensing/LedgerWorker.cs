using System.Globalization;
using System.Runtime.CompilerServices;
using Coffer.Bundles;

namespace Coffer.Tests.Licensing;

/// <summary>
/// Another process that uses calls: this assembly, started with a folder in an environment variable, exhausts the license
/// there instead of running tests, and writes down how many calls it was allowed.
/// </summary>
internal static class LedgerWorker
{
    public const string Variable = "COFFER_TEST_LEDGER_WORKER";

    [ModuleInitializer]
    internal static void RunIfAsked()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { } folder)
        {
            Run(folder);
            Environment.Exit(0);
        }
    }

    private static void Run(string folder)
    {
        using var device = FileDeviceKey.Load(Path.Combine(folder, "device.key"));
        var claims = License.Load(Path.Combine(folder, "a.license")).Claims;
        using var lease = new UsageLease(device.Ledger.Share(), claims.Grant, claims.Sequence, claims.Calls!.Value);
        var allowed = 0;
        try
        {
            while (true)
            {
                lease.Take(1);
                allowed++;
            }
        }
        catch (LicenseException e) when (e.Error is LicenseError.QuotaExceeded)
        {
            File.WriteAllText(Path.Combine(folder, $"allowed-{Environment.ProcessId}"), allowed.ToString(CultureInfo.InvariantCulture));
        }
    }
}
