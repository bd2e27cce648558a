using System.Reflection;

namespace Coffer.Cli;

/// <summary>What this tool is.</summary>
internal static class Versions
{
    /// <summary>The tool's version, which is the SDK's, without the commit behind a plus.</summary>
    public static string Tool { get; } =
        (typeof(Versions).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown").Split('+')[0];
}
