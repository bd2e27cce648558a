using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Onnx;

namespace Coffer;

/// <summary>
/// What a license opens of a bundle: settings and files at once, graphs and weights when the runner first needs them, into
/// native memory that then belongs to the runner. Nothing of it is ever written. Holds the content keys until disposal.
/// </summary>
internal sealed class DecryptedModel : IDisposable
{
    private const string FilesPrefix = "files/";

    private readonly ContentKeys _keys;
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _files;

    private DecryptedModel(VerifiedBundle bundle, ContentKeys keys, Dictionary<string, ReadOnlyMemory<byte>> files, ModelSettings settings)
    {
        Bundle = bundle;
        _keys = keys;
        _files = files;
        Settings = settings;
    }

    public VerifiedBundle Bundle { get; }

    public ModelSettings Settings { get; }

    /// <summary>Takes bundle and keys over; when this throws, they stay the caller's.</summary>
    public static DecryptedModel Open(VerifiedBundle bundle, ContentKeys keys, CancellationToken cancellationToken)
    {
        var settings = ModelSettings.Read(ReadPart(bundle, ModelSettings.PartName, keys, cancellationToken));
        var files = bundle.Manifest.Parts
            .Where(part => part.Name.StartsWith(FilesPrefix, StringComparison.Ordinal))
            .ToDictionary(part => part.Name[FilesPrefix.Length..], part => ReadPart(bundle, part.Name, keys, cancellationToken), StringComparer.Ordinal);
        return new DecryptedModel(bundle, keys, files, settings);
    }

    /// <summary>The files that the publisher packed beside the model, by name.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Files => _files;

    /// <summary>A file that the publisher packed beside the model; empty if there is none of that name.</summary>
    public ReadOnlyMemory<byte> File(string name) => _files.GetValueOrDefault(name);

    /// <exception cref="InferenceException">The bundle has no such file.</exception>
    public ReadOnlyMemory<byte> RequireFile(string name) => _files.TryGetValue(name, out var bytes)
        ? bytes
        : throw new InferenceException(InferenceError.InvalidSettings, $"The bundle holds no '{name}', which its task needs. Ask the publisher to pack the model again with it.");

    /// <summary>The graphs, for a runner.</summary>
    public IReadOnlyList<OnnxGraphSource> GraphSources() =>
        [.. Settings.Graphs.Select(graph => new OnnxGraphSource(graph.Name, load => DecryptGraph(graph, load))
        {
            Identity = new SharedIdentity(Bundle.ManifestDigest, () => Bundle.RequireKey(graph.GraphPart, _keys[PartGroup.Weights])),
        })];

    public void Dispose()
    {
        _keys.Dispose();
        Bundle.Dispose();
    }

    public override string ToString() => "DecryptedModel (redacted)";

    private static ReadOnlyMemory<byte> ReadPart(VerifiedBundle bundle, string name, ContentKeys keys, CancellationToken cancellationToken)
    {
        using var part = bundle.Decrypt(name, keys[PartGroup.Settings], cancellationToken);
        return part.Span.ToArray();
    }

    private OnnxGraph DecryptGraph(ModelSettings.Graph graph, GraphLoad load)
    {
        var owner = new PartOwner();
        var decrypted = Decrypted(graph, load.Progress);
        try
        {
            var proto = owner.Add(Bundle.Decrypt(graph.GraphPart, _keys[PartGroup.Weights], load.CancellationToken, decrypted));
            List<ExternalWeights> weights = [];
            if (graph.WeightsDigest is not null)
            {
                var part = owner.Add(Bundle.Decrypt(graph.WeightsPart, _keys[PartGroup.Weights], load.CancellationToken, decrypted));
                weights.Add(new ExternalWeights(ModelSettings.WeightsLocation, part.Pointer, part.Length));
            }

            return new OnnxGraph(graph.Name, proto.Pointer, proto.Length, weights, owner) { Optimization = graph.Optimization, HasConvolutions = graph.HasConvolutions, Shapes = graph.Shapes };
        }
        catch
        {
            owner.Dispose();
            throw;
        }
    }

    private Action<int>? Decrypted(ModelSettings.Graph graph, IProgress<OpenProgress>? progress)
    {
        if (progress is null)
        {
            return null;
        }

        var total = Bundle.Manifest.Parts.Where(part => part.Name == graph.GraphPart || part.Name == graph.WeightsPart).Sum(part => part.Length);
        var done = 0L;
        progress.Report(new OpenProgress(OpenPhase.Decrypting, 0, total));
        return bytes => progress.Report(new OpenProgress(OpenPhase.Decrypting, Interlocked.Add(ref done, bytes), total));
    }

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
