using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Coffer.Bundles;
using Coffer.Keys.Pkcs11;

namespace Coffer.Tests;

/// <summary>
/// Another process with the same token: this assembly, started with a job in an environment variable, does it instead of
/// running tests.
/// </summary>
internal static class TokenWorker
{
    public const long Quota = 250;
    private const string Variable = "COFFER_TEST_TOKEN_WORKER";
    private const char Separator = '|';

    /// <summary>Opens the keys of that name with a PIN, derives a secret and uses up a quota; the answer is in <paramref name="result"/>.</summary>
    public static Process Start(string name, string pin, string ledgerPath, string result)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(TokenWorker).Assembly.Location])
        {
            Environment =
            {
                [Variable] = string.Join(Separator, name, pin, ledgerPath, result),
                [SoftHsm.ConfigurationVariable] = SoftHsm.Configuration,
            },
        };
        return Process.Start(start)!;
    }

    /// <summary>Uses what is left of the quota; says how much that was.</summary>
    public static int Exhaust(UsageLedger ledger)
    {
        using var lease = new UsageLease(ledger.Share(), new GrantId("issuer", "license"), 1, Quota);
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
            return allowed;
        }
    }

    [ModuleInitializer]
    internal static void RunIfAsked()
    {
        if (Environment.GetEnvironmentVariable(Variable)?.Split(Separator) is [var name, var pin, var ledgerPath, var result])
        {
            File.WriteAllText(result, Run(SoftHsm.OptionsFor(name) with { Pin = pin.ToCharArray, LedgerPath = ledgerPath }));
            Environment.Exit(0);
        }
    }

    private static string Run(Pkcs11Options options)
    {
        try
        {
            using var device = Pkcs11DeviceKey.Open(options);
            var secret = new byte[32];
            device.DeriveLocalSecret("label", secret);
            return string.Create(CultureInfo.InvariantCulture, $"{Convert.ToHexString(secret)} {Exhaust(device.Ledger!)}");
        }
        catch (KeyException e)
        {
            return $"{e.Error} {e.Message}";
        }
    }
}
