using Coffer.Bundles;

namespace Coffer.Packaging;

/// <summary>Names graphs after their files: <c>decoder_model_fp16.onnx</c> is the variant <c>fp16</c> of the graph <c>decoder_model</c>.</summary>
internal static class GraphNames
{
    /// <summary>The name of a graph that is packed from a single file, so that predictors find it whatever the file is called.</summary>
    public const string Single = "model";

    // The suffixes that Optimum and transformers.js know.
    private static readonly string[] Variants =
        ["fp32", "fp16", "bf16", "quantized", "int8", "uint8", "int4", "uint4", "q8", "q4", "q4f16", "q2", "q2f16", "q1", "q1f16", "bnb4"];

    /// <summary>Gives each file a graph and a variant.</summary>
    /// <param name="locations">Relative paths of <c>.onnx</c> files.</param>
    /// <returns>With the given locations as paths, ordered by name, then variant; the graph itself before its variants.</returns>
    /// <exception cref="PackagingException">Two files mean the same graph (<see cref="PackagingError.Ambiguous"/>), a graph has variants but it is not clear
    /// which stands for it, or a name can't be a part's (<see cref="PackagingError.InvalidName"/>).</exception>
    public static IReadOnlyList<ExportedGraph> Assign(IReadOnlyList<string> locations)
    {
        var graphs = locations.Select(Split).GroupBy(graph => graph.Name, StringComparer.Ordinal).SelectMany(Choose).ToArray();
        return [.. graphs.OrderBy(graph => graph.Name, StringComparer.Ordinal).ThenBy(graph => graph.Variant ?? "", StringComparer.Ordinal)];
    }

    private static ExportedGraph Split(string location)
    {
        var stem = Path.GetFileNameWithoutExtension(location);
        var underscore = stem.LastIndexOf('_');
        var variant = underscore > 0 ? Array.Find(Variants, known => stem.AsSpan(underscore + 1).Equals(known, StringComparison.OrdinalIgnoreCase)) : null;
        var name = variant is null ? stem : stem[..underscore];
        return name.Contains('@', StringComparison.Ordinal) || !BundleNames.IsPartName($"graphs/{name}/weights")
            ? throw new PackagingException(
                PackagingError.InvalidName,
                $"The graph {OnnxNames.Quote(location)} can't go into a bundle under its name. Rename the file to letters, digits, '.', '_' and '-'; files with its external data keep their names.")
            : new ExportedGraph(name, variant, location);
    }

    private static IReadOnlyList<ExportedGraph> Choose(IGrouping<string, ExportedGraph> graphs)
    {
        var all = graphs.ToArray();
        var twice = all.GroupBy(graph => graph.Variant).FirstOrDefault(same => same.Count() > 1)?.Select(graph => $"'{graph.Path}'");
        if (twice is not null)
        {
            throw new PackagingException(PackagingError.Ambiguous, $"{string.Join(" and ", twice)} both mean the graph '{graphs.Key}'. Remove one.");
        }

        // A graph that exists in one precision only needs no variant: there is nothing to choose from.
        return all.Length == 1 ? [all[0] with { Variant = null }]
            : Array.Exists(all, graph => graph.Variant is null) ? all
            : throw new PackagingException(
                PackagingError.Ambiguous,
                $"The graph '{graphs.Key}' has only variants ({string.Join(", ", all.Select(graph => graph.Variant))}), and it is not clear which to run by default. Name that file '{graphs.Key}.onnx', or give the path of one .onnx file.");
    }
}
