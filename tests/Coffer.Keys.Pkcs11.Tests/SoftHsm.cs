using System.Runtime.InteropServices;
using System.Text;
using Coffer.Keys.Pkcs11;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;

namespace Coffer.Tests;

/// <summary>SoftHSM with one token in a temporary folder, for the whole test process: a library reads its configuration once.</summary>
internal static class SoftHsm
{
    public const string Library = "/usr/lib/softhsm/libsofthsm2.so";
    public const string ConfigurationVariable = "SOFTHSM2_CONF";
    public const string TokenLabel = "coffer tests";
    public const string Pin = "geheim-1234";
    private const string OfficerPin = "officer-5678";

    private static readonly Lazy<string> Configured = new(Start);

    /// <summary>The configuration file, once the token is there.</summary>
    public static string Configuration
    {
        get
        {
            if (!File.Exists(Library))
            {
                Repository.Require("SoftHSM (Debian: softhsm2) is not installed");
            }

            return Configured.Value;
        }
    }

    /// <summary>Options for a pair of keys that nobody else names.</summary>
    public static Pkcs11Options NewOptions()
    {
        _ = Configuration;
        return OptionsFor(Guid.NewGuid().ToString("N"));
    }

    public static Pkcs11Options OptionsFor(string name) => new()
    {
        LibraryPath = Library,
        TokenLabel = TokenLabel,
        Pin = () => Pin.ToCharArray(),
        SigningKeyLabel = $"{name}-signing",
        AgreementKeyLabel = $"{name}-agreement",
    };

    /// <summary>Does something with the token that Coffer does not do.</summary>
    public static void Use(Action<ISession> action)
    {
        using var token = Pkcs11Token.Open(NewOptions(), writable: true);
        token.Use("prepare a test", action);
    }

    private static string Start()
    {
        var folder = new TemporaryFolder();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Dispose();
        Directory.CreateDirectory(folder.File("tokens"));
        var configuration = folder.File("softhsm2.conf");
        File.WriteAllText(configuration, $"directories.tokendir = {folder.File("tokens")}\nobjectstore.backend = file\nlog.level = ERROR\n");

        // .NET's own copy of the environment is not what a native library reads.
        Assert.Equal(0, SetEnvironment(ConfigurationVariable, configuration, overwrite: 1));

        var free = Pkcs11Library.Load(Library).GetSlotList(SlotsType.WithTokenPresent)[0];
        free.InitToken(OfficerPin, TokenLabel);
        using var session = free.OpenSession(SessionType.ReadWrite);
        session.Login(CKU.CKU_SO, OfficerPin);
        session.InitPin(Encoding.UTF8.GetBytes(Pin));
        session.Logout();
        return configuration;
    }

    [DllImport("libc", EntryPoint = "setenv", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetEnvironment(string name, string value, int overwrite);
}
