namespace Coffer.Cli;

/// <summary>What the tool's exit says to a script.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;

    /// <summary>A fault in the tool itself.</summary>
    public const int Fault = 1;

    /// <summary>The command line, or a file of the user's that is not what it should be.</summary>
    public const int Usage = 2;

    public const int BundleRejected = 3;

    /// <summary>A license, or the issuer set that says who may issue one.</summary>
    public const int LicenseRefused = 4;

    /// <summary>Keys, native runtime, execution providers, files that can't be read or written.</summary>
    public const int Device = 5;

    /// <summary>Something on the network: a timestamp authority.</summary>
    public const int Remote = 6;

    /// <summary>Above it is the number of the signal that ended the tool, as shells have it.</summary>
    public const int Signal = 128;

    /// <summary>Ctrl+C, which is SIGINT.</summary>
    public const int Cancelled = Signal + 2;
}
