using Coffer.Bundles;

namespace Coffer.Cli;

/// <summary>Status lists that were brought to a device as files.</summary>
internal static class StatusFiles
{
    /// <summary>The lists; null for none.</summary>
    public static StatusLists? Load(string[]? paths)
    {
        if (paths is not { Length: > 0 })
        {
            return null;
        }

        var lists = new StatusLists();
        Array.ForEach(paths, path => lists.Add(StatusList.Load(path)));
        return lists;
    }
}
