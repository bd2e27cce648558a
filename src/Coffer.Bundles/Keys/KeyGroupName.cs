namespace Coffer.Bundles;

/// <summary>The names of key groups in ids, grants and licenses.</summary>
internal static class KeyGroupName
{
    public static string Of(PartGroup group) => group switch
    {
        PartGroup.Settings => "settings",
        PartGroup.Weights => "weights",
        _ => throw new ArgumentOutOfRangeException(nameof(group), group, "Not a key group."),
    };

    public static bool TryParse(string? text, out PartGroup group)
    {
        group = text == "weights" ? PartGroup.Weights : PartGroup.Settings;
        return text is "settings" or "weights";
    }
}
