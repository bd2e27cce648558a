using System.Collections.Frozen;

namespace Coffer.Inference;

/// <summary>What was removed from the input of the call that this code runs in. Only what removes it says so.</summary>
internal static class RemovedKinds
{
    private static readonly AsyncLocal<FrozenSet<string>?> Ambient = new();

    public static IReadOnlySet<string> Current => Ambient.Value ?? FrozenSet<string>.Empty;

    /// <summary>Says it until the asynchronous method that calls this ends.</summary>
    public static void Set(FrozenSet<string> kinds) => Ambient.Value = kinds;
}
