using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Coffer.Bundles;

namespace Coffer.Tests.Keys;

/// <summary>A TPM in software for the whole test process: swtpm on the loopback address, its state in a temporary folder.</summary>
internal static class SoftTpm
{
    private const string Address = "127.0.0.1";
    private const string TctiOfTools = "TPM2TOOLS_TCTI";
    private const string TctiOfProvider = "TPM2OPENSSL_TCTI";

    private static readonly Lazy<TemporaryFolder> Started = new(Start);
    private static readonly Lock Gate = new();
    private static uint _handle = 0x8100_0000;

    /// <summary>Two keys of their own, made by the TPM.</summary>
    public static OpenSslKeyOptions NewOptions()
    {
        foreach (var file in (string[])["/usr/bin/swtpm", "/usr/bin/tpm2_create"])
        {
            if (!File.Exists(file))
            {
                Repository.Require($"'{file}' is not installed (Debian: swtpm, tpm2-tools, libtss2-tcti-swtpm0, tpm2-openssl)");
            }
        }

        lock (Gate)
        {
            return new OpenSslKeyOptions { SigningKeyUri = MakeKey("sign"), AgreementKeyUri = MakeKey("decrypt") };
        }
    }

    // As the README of Coffer.Bundles has it. swtpm has no resource manager: whatever was loaded is put away again.
    private static string MakeKey(string usage)
    {
        var folder = Started.Value.Path;
        var handle = string.Create(CultureInfo.InvariantCulture, $"0x{_handle++:X8}");
        Run(folder, "tpm2_createprimary", "-Q -C o -G ecc -c primary.ctx");
        Run(folder, "tpm2_flushcontext", "-t");
        Run(folder, "tpm2_create", $"-Q -C primary.ctx -G ecc256 -a fixedtpm|fixedparent|sensitivedataorigin|userwithauth|{usage} -u key.pub -r key.priv");
        Run(folder, "tpm2_flushcontext", "-t");
        Run(folder, "tpm2_load", "-Q -C primary.ctx -u key.pub -r key.priv -c key.ctx");
        Run(folder, "tpm2_flushcontext", "-t");
        Run(folder, "tpm2_evictcontrol", $"-Q -C o -c key.ctx {handle}");
        Run(folder, "tpm2_flushcontext", "-t");
        return "handle:" + handle;
    }

    private static TemporaryFolder Start()
    {
        var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("state"));
        var port = FreePorts();
        var process = Process.Start(new ProcessStartInfo("/usr/bin/swtpm")
        {
            Arguments = string.Create(
                CultureInfo.InvariantCulture,
                $"socket --tpm2 --tpmstate dir={folder.File("state")} --server type=tcp,port={port},bindaddr={Address} --ctrl type=tcp,port={port + 1},bindaddr={Address} --flags not-need-init,startup-clear"),
        })!;
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            process.Kill();
            process.WaitForExit();
            folder.Dispose();
        };

        // .NET's own copy of the environment is not what a native library reads.
        var tcti = string.Create(CultureInfo.InvariantCulture, $"swtpm:host={Address},port={port}");
        Assert.Equal(0, SetEnvironment(TctiOfProvider, tcti, overwrite: 1));
        Environment.SetEnvironmentVariable(TctiOfTools, tcti);

        // The library reports what tests provoke to standard error.
        Assert.Equal(0, SetEnvironment("TSS2_LOG", "all+NONE", overwrite: 1));
        WaitFor(process, port + 1);
        return folder;
    }

    // The control channel, not the data channel: a client of the latter would be served, and left.
    private static void WaitFor(Process process, int port)
    {
        while (true)
        {
            Assert.False(process.HasExited, "swtpm has ended.");
            try
            {
                using var client = new TcpClient(Address, port);
                return;
            }
            catch (SocketException)
            {
                Thread.Yield();
            }
        }
    }

    // The client library of the TPM takes the port behind the data channel's for the control channel.
    private static int FreePorts()
    {
        while (true)
        {
            using var data = new TcpListener(IPAddress.Loopback, 0);
            data.Start();
            var port = ((IPEndPoint)data.LocalEndpoint).Port;
            using var control = new TcpListener(IPAddress.Loopback, Math.Min(port + 1, IPEndPoint.MaxPort));
            try
            {
                control.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it; another pair.
            }
        }
    }

    private static void Run(string folder, string tool, string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(tool, arguments) { WorkingDirectory = folder, RedirectStandardError = true, RedirectStandardOutput = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{tool} {arguments}: {error}");
    }

    [DllImport("libc", EntryPoint = "setenv", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetEnvironment(string name, string value, int overwrite);
}
