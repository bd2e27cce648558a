using Coffer.Bundles;

namespace Coffer.Cli;

/// <summary><c>KEYS/status.json</c>: an issuer's register of what it revoked.</summary>
internal static class IssuerStatus
{
    public static string PathIn(KeyFolder keys) => Path.Combine(keys.Path, "status.json");

    public static StatusRegister Open(KeyFolder keys) => StatusRegister.Open(PathIn(keys));

    /// <summary>What must follow every change.</summary>
    public static string Advice(string keysPath) => $"Devices learn of it from the next list: coffer status publish --keys {keysPath} -o FILE";
}
