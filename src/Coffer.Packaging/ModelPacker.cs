using System.Security.Cryptography;
using Coffer.Bundles;
using Coffer.Onnx;

namespace Coffer.Packaging;

/// <summary>
/// From an exported model to a bundle: reads the graphs, takes their weights apart, removes what execution does not need,
/// proves that the outputs are unchanged, encrypts, signs. Weights are streamed; a model of any size packs in constant memory.
/// </summary>
public static class ModelPacker
{
    /// <summary>Packs a model with the keys of a folder; content keys that the model does not have yet are made.</summary>
    /// <param name="model">An <c>.onnx</c> file, or a folder with <c>.onnx</c> files and the configuration beside them.</param>
    /// <param name="output">The bundle's file; one that is there is replaced when the new one is whole.</param>
    /// <param name="options">What the publisher says of the model.</param>
    /// <param name="keys">The publisher's keys.</param>
    /// <param name="progress">How far it has come.</param>
    /// <param name="clock">Null for the system's.</param>
    /// <param name="cancellationToken">Stops the packing; nothing is left behind.</param>
    /// <exception cref="PackagingException">The model, its labels or its settings can't be packed.</exception>
    /// <exception cref="Inference.InferenceException">The proof needs the native ONNX Runtime, and none is there.</exception>
    /// <exception cref="KeyException">A key can't be used.</exception>
    public static async Task<PackReport> PackAsync(
        string model,
        string output,
        PackOptions options,
        KeyFolder keys,
        IProgress<PackProgress>? progress = null,
        TimeProvider? clock = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(model);
        ArgumentException.ThrowIfNullOrEmpty(output);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(keys);
        progress?.Report(new PackProgress(PackPhase.Preparing, 0, 0));
        var exported = ExportedFolder.Read(model);
        var files = TaskFiles.For(options, exported.Files);
        using var optimized = new OptimizerFiles();
        var graphs = await Task.Run(() => PackGraphs(exported, options, optimized, cancellationToken), cancellationToken).ConfigureAwait(false);
        TaskFiles.RequireFit(options.Task, files, graphs);
        var settings = new ModelSettings(await DigestAsync(graphs, progress, cancellationToken).ConfigureAwait(false));

        List<PartSource> parts =
        [
            PartSource.FromBytes(ModelSettings.PartName, PartGroup.Settings, settings.Write()),
            .. files.Select(file => file.ToPart()),
            .. graphs.SelectMany(graph => graph.ToParts()),
        ];
        using var publisher = keys.OpenPublisherKey();
        var total = parts.Sum(part => part.Length);
        var manifest = await BundleWriter.WriteAsync(
            output,
            new BundleDraft { Publisher = keys.Publisher, Name = options.Name, Version = options.Version, Task = options.Task, Sequence = options.Sequence },
            parts,
            keys.OpenContentKeys(publisher),
            keys.ContentKeysFor(options.Name, publisher, clock),
            keys.CreateSigner(publisher),
            clock,
            progress is null ? null : new Forward(progress, total),
            cancellationToken).ConfigureAwait(false);

        using var written = SignedBundle.Open(output);
        return new PackReport(
            manifest,
            written.ManifestDigest,
            written.Length,
            [.. graphs.Select(Report)]);
    }

    // Variants follow the graphs that they are variants of, so the first graph is one that predictors may take.
    private static List<PackedGraph> PackGraphs(ExportedFolder exported, PackOptions options, OptimizerFiles optimized, CancellationToken cancellationToken) =>
        [.. TaskGraphs.Of(options.Task, exported.Graphs)
            .OrderBy(graph => graph.Variant is not null)
            .Select(graph => GraphPacker.Pack(graph, options, optimized, cancellationToken))];

    private static PackedGraphReport Report(PackedGraph graph) => new(graph.FullName, graph.Graph.Length, graph.Weights.Length, graph.Proof?.Samples ?? 0)
    {
        Optimization = graph.Optimization,
        GreatestDifference = graph.Proof?.GreatestDifference ?? 0,
        RuntimeOperators = graph.RuntimeOperators,
    };

    private static async Task<List<ModelSettings.Graph>> DigestAsync(List<PackedGraph> graphs, IProgress<PackProgress>? progress, CancellationToken cancellationToken)
    {
        var (done, total) = (0L, graphs.Sum(graph => graph.Weights.Length));
        var digests = new List<ModelSettings.Graph>();
        foreach (var graph in graphs)
        {
            progress?.Report(new PackProgress(PackPhase.Digesting, done, total));
            var weights = graph.Weights.Length > 0 ? await DigestAsync(graph.Weights, cancellationToken).ConfigureAwait(false) : null;
            digests.Add(new ModelSettings.Graph(graph.FullName, Convert.ToHexStringLower(SHA256.HashData(graph.Graph)), weights)
            {
                Optimization = graph.Optimization switch { PackOptimization.Basic => GraphOptimization.Basic, PackOptimization.Extended => GraphOptimization.Extended, _ => GraphOptimization.None },
                HasConvolutions = graph.HasConvolutions,
                Shapes = graph.Proof?.Inputs ?? new Dictionary<string, IReadOnlyList<long>>(),
            });
            done += graph.Weights.Length;
        }

        return digests;
    }

    private static async Task<string> DigestAsync(WeightsPart weights, CancellationToken cancellationToken)
    {
        var source = weights.OpenRead();
        await using var closing = source.ConfigureAwait(false);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(source, cancellationToken).ConfigureAwait(false));
    }

    private sealed class Forward(IProgress<PackProgress> progress, long total) : IProgress<long>
    {
        public void Report(long value) => progress.Report(new PackProgress(PackPhase.Encrypting, value, total));
    }
}
