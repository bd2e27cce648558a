using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Coffer.Bundles;

namespace Coffer.Tests.Licensing;

/// <summary>
/// Another process of the device: this assembly, started with a folder in an environment variable, uses the license there
/// instead of running tests.
/// </summary>
internal static class LedgerWorker
{
    private const string FolderVariable = "COFFER_TEST_LEDGER_WORKER";
    private const string WorkVariable = "COFFER_TEST_LEDGER_WORK";

    /// <summary>Uses calls until none are left, and writes how many it was allowed to a file.</summary>
    public const string Exhaust = "exhaust";

    /// <summary>Uses calls until none are left, and writes a dot for each as soon as it was allowed.</summary>
    public const string Trickle = "trickle";

    /// <summary>Authorizes the license, uses one call, and writes <c>allowed</c> or the refusal.</summary>
    public const string Authorize = "authorize";

    /// <summary>Begins a call, writes a dot, and ends neither.</summary>
    public const string Hold = "hold";

    [ModuleInitializer]
    internal static void RunIfAsked()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is { } folder)
        {
            Run(folder, Environment.GetEnvironmentVariable(WorkVariable)!);
            Environment.Exit(0);
        }
    }

    /// <summary>Starts a process; what is given before the command stands before <c>dotnet</c>, for example <c>faketime</c>.</summary>
    public static Process Start(string folder, string work, string[]? before = null, params (string Name, string Value)[] environment)
    {
        string[] command = [.. before ?? [], "dotnet", "exec", typeof(LedgerWorker).Assembly.Location];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { [FolderVariable] = folder, [WorkVariable] = work },
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    private static void Run(string folder, string work)
    {
        using var device = FileDeviceKey.Load(Path.Combine(folder, "device.key"));
        var license = License.Load(Path.Combine(folder, "a.license"));
        if (work is Authorize or Hold)
        {
            Console.Write(Say(folder, license, device, work == Hold));
            return;
        }

        var claims = license.Claims;
        using var output = Console.OpenStandardOutput();
        using var lease = new UsageLease(device.Ledger.Share(), claims.Grant, claims.Sequence, claims.Calls!.Value);
        var allowed = 0;
        try
        {
            while (true)
            {
                lease.Take(1);
                allowed++;
                if (work == Trickle)
                {
                    output.WriteByte((byte)'.');
                }
            }
        }
        catch (LicenseException e) when (e.Error is LicenseError.QuotaExceeded)
        {
            File.WriteAllText(Path.Combine(folder, $"allowed-{Environment.ProcessId}"), allowed.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static string Say(string folder, License license, FileDeviceKey device, bool holds)
    {
        try
        {
            var issuer = JsonWebKey.Parse(File.ReadAllBytes(Path.Combine(folder, "issuer.jwk")));
            var trust = LicensingWorld.TrustFor(new TrustedIssuer(LicensingWorld.Issuer, issuer));
            using var entitlement = license.Verify(trust).Authorize(new OpenedBundle(LicensingWorld.ManifestOf(license.Claims.IssuedAt), LicensingWorld.Digest, null), device);
            using var call = entitlement.Begin(LicensingWorld.Task, ExecutionTarget.Local);
            if (holds)
            {
                Console.Write('.');
                Console.Out.Flush();
                _ = new ManualResetEvent(false).WaitOne();
            }

            return "allowed";
        }
        catch (LicenseException e)
        {
            return e.Error.ToString();
        }
    }
}
