namespace Coffer.Bundles;

/// <summary>Where a model runs. A license names the targets that it allows.</summary>
public enum ExecutionTarget
{
    /// <summary>In this process. In a license: <c>local</c>.</summary>
    Local,

    /// <summary>On an endpoint. In a license: <c>remote</c>.</summary>
    Remote,
}
