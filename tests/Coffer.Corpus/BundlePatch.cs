using System.Text.Json.Nodes;

namespace Coffer.Corpus;

/// <summary>A bundle as its differences from another: most of a bundle is zeros, and all bundles of the corpus are alike.</summary>
internal static class BundlePatch
{
    // Shorter runs of equal bytes between two differences don't end one.
    private const int Gap = 12;

    public static JsonObject Between(byte[] from, byte[] to, string name)
    {
        var edits = new JsonArray();
        if (to.Length < from.Length)
        {
            edits.Add(new JsonObject { ["truncate"] = to.Length });
        }

        for (var at = 0; at < to.Length; at++)
        {
            if (Equal(from, to, at))
            {
                continue;
            }

            var end = at + 1;
            for (var same = 0; end < to.Length && same < Gap; end++)
            {
                same = Equal(from, to, end) ? same + 1 : 0;
            }

            while (end > at + 1 && Equal(from, to, end - 1))
            {
                end--;
            }

            edits.Add(new JsonObject { ["at"] = at, ["bytes"] = Convert.ToHexStringLower(to.AsSpan(at, end - at)) });
            at = end - 1;
        }

        return new JsonObject { ["base"] = name, ["edits"] = edits };
    }

    /// <summary>Edits in their order; one that begins at or beyond the end makes the file longer, with zeros between.</summary>
    public static byte[] Apply(byte[] from, JsonObject patch)
    {
        var bytes = from.ToList();
        foreach (var edit in patch["edits"]!.AsArray())
        {
            if (edit!["truncate"] is { } length)
            {
                bytes.RemoveRange((int)length, bytes.Count - (int)length);
                continue;
            }

            var (at, by) = ((int)edit["at"]!, Convert.FromHexString((string)edit["bytes"]!));
            bytes.AddRange(new byte[Math.Max(at + by.Length - bytes.Count, 0)]);
            for (var i = 0; i < by.Length; i++)
            {
                bytes[at + i] = by[i];
            }
        }

        return [.. bytes];
    }

    // Beyond the base's end, zeros are not written unless they are the last.
    private static bool Equal(byte[] from, byte[] to, int at) => at < from.Length ? from[at] == to[at] : to[at] == 0 && at < to.Length - 1;
}
