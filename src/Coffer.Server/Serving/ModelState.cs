namespace Coffer.Server;

/// <summary>How a model that the server knows stands.</summary>
internal enum ModelState
{
    /// <summary>It is being opened for the first time.</summary>
    Loading,

    /// <summary>It answers.</summary>
    Ready,

    /// <summary>It was unloaded.</summary>
    Unloaded,

    /// <summary>It could not be opened.</summary>
    Failed,
}
