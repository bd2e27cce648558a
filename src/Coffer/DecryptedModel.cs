using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Onnx;

namespace Coffer;

/// <summary>
/// The decrypted parts of a bundle: settings and files as managed bytes, graphs and weights in native memory that goes to the
/// runner. Nothing of it is ever written.
/// </summary>
internal sealed class DecryptedModel : IDisposable
{
    private const string FilesPrefix = "files/";

    private readonly Dictionary<string, ReadOnlyMemory<byte>> _files;
    private List<OnnxGraph>? _graphs;

    private DecryptedModel(Dictionary<string, ReadOnlyMemory<byte>> files, ModelSettings settings, List<OnnxGraph> graphs)
    {
        _files = files;
        _graphs = graphs;
        Graphs = [.. settings.Graphs.Select(graph => graph.Name)];
    }

    /// <summary>The names of the graphs, the main one first.</summary>
    public IReadOnlyList<string> Graphs { get; }

    public string MainGraph => Graphs[0];

    public static DecryptedModel Decrypt(VerifiedBundle bundle, ContentKeys keys, CancellationToken cancellationToken)
    {
        var settings = ModelSettings.Read(ReadPart(bundle, ModelSettings.PartName, keys, cancellationToken));
        var files = bundle.Manifest.Parts
            .Where(part => part.Name.StartsWith(FilesPrefix, StringComparison.Ordinal))
            .ToDictionary(part => part.Name[FilesPrefix.Length..], part => ReadPart(bundle, part.Name, keys, cancellationToken), StringComparer.Ordinal);
        return new DecryptedModel(files, settings, DecryptGraphs(bundle, settings, keys, cancellationToken));
    }

    /// <summary>A file that the publisher packed beside the model; empty if there is none of that name.</summary>
    public ReadOnlyMemory<byte> File(string name) => _files.GetValueOrDefault(name);

    /// <exception cref="InferenceException">The bundle has no such file.</exception>
    public ReadOnlyMemory<byte> RequireFile(string name) => _files.TryGetValue(name, out var bytes)
        ? bytes
        : throw new InferenceException(InferenceError.InvalidSettings, $"The bundle holds no '{name}', which its task needs. Ask the publisher to pack the model again with it.");

    /// <summary>Hands the graphs to the runner, which owns them from then on.</summary>
    public IReadOnlyList<OnnxGraph> TakeGraphs()
    {
        var graphs = _graphs ?? throw new InvalidOperationException("The graphs were taken before.");
        _graphs = null;
        return graphs;
    }

    public void Dispose() => Release(_graphs ?? []);

    public override string ToString() => "DecryptedModel (redacted)";

    private static ReadOnlyMemory<byte> ReadPart(VerifiedBundle bundle, string name, ContentKeys keys, CancellationToken cancellationToken)
    {
        using var part = bundle.Decrypt(name, keys[PartGroup.Settings], cancellationToken);
        return part.Span.ToArray();
    }

    private static List<OnnxGraph> DecryptGraphs(VerifiedBundle bundle, ModelSettings settings, ContentKeys keys, CancellationToken cancellationToken)
    {
        var graphs = new List<OnnxGraph>();
        try
        {
            foreach (var graph in settings.Graphs)
            {
                graphs.Add(DecryptGraph(bundle, graph, keys[PartGroup.Weights], cancellationToken));
            }

            return graphs;
        }
        catch
        {
            Release(graphs);
            throw;
        }
    }

    private static OnnxGraph DecryptGraph(VerifiedBundle bundle, ModelSettings.Graph graph, ContentKey key, CancellationToken cancellationToken)
    {
        var owner = new PartOwner();
        try
        {
            var proto = owner.Add(bundle.Decrypt(graph.GraphPart, key, cancellationToken));
            List<ExternalWeights> weights = [];
            if (graph.WeightsDigest is not null)
            {
                var part = owner.Add(bundle.Decrypt(graph.WeightsPart, key, cancellationToken));
                weights.Add(new ExternalWeights(ModelSettings.WeightsLocation, part.Pointer, part.Length));
            }

            return new OnnxGraph(graph.Name, proto.Pointer, proto.Length, weights, owner);
        }
        catch
        {
            owner.Dispose();
            throw;
        }
    }

    private static void Release(List<OnnxGraph> graphs) => graphs.ForEach(graph => graph.Owner.Dispose());

    private sealed class PartOwner : IDisposable
    {
        private readonly List<DecryptedPart> _parts = [];

        public DecryptedPart Add(DecryptedPart part)
        {
            _parts.Add(part);
            return part;
        }

        public void Dispose() => _parts.ForEach(part => part.Dispose());
    }
}
