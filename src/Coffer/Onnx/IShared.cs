namespace Coffer.Onnx;

/// <summary>Something with a counted number of users, gone with the last of them.</summary>
internal interface IShared
{
    /// <summary>Whether the last user left.</summary>
    bool IsGone { get; }

    /// <summary>One more user, unless the last one left before.</summary>
    bool TryJoin();
}
