using System.Buffers;
using System.Text.Json;
using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Onnx;

namespace Coffer;

/// <summary>
/// The part <c>settings.json</c>: what a publisher keeps confidential about a model beside its files. Encrypted, so names and
/// plaintext digests are not in the open.
/// </summary>
/// <param name="Graphs">The graphs, the one that predictors take first.</param>
internal sealed record ModelSettings(IReadOnlyList<ModelSettings.Graph> Graphs)
{
    public const string PartName = "settings.json";

    /// <summary>The external-data location by which a packed graph refers to its weights part.</summary>
    public const string WeightsLocation = "weights";

    private const string BasicOptimization = "basic";
    private const string ExtendedOptimization = "extended";

    /// <summary>The graph that predictors take when nothing else is said.</summary>
    public string MainGraph => Graphs[0].Name;

    /// <param name="Name">As in <c>graphs/NAME/graph</c>.</param>
    /// <param name="GraphDigest">SHA-256 of the packed graph, lowercase hex.</param>
    /// <param name="WeightsDigest">SHA-256 of the weights part, lowercase hex; null if the graph has none.</param>
    public sealed record Graph(string Name, string GraphDigest, string? WeightsDigest)
    {
        /// <summary>How far the packer rewrote it. A reader that does not know the word opens the graph as if it were not.</summary>
        public GraphOptimization Optimization { get; init; } = GraphOptimization.None;

        /// <summary>Whether an optimised graph can gain by another memory layout.</summary>
        public bool HasConvolutions { get; init; }

        /// <summary>By input name, a shape that the graph is known to take; empty if the packer ran it on none.</summary>
        public IReadOnlyDictionary<string, IReadOnlyList<long>> Shapes { get; init; } = new Dictionary<string, IReadOnlyList<long>>();

        public string GraphPart => $"graphs/{Name}/graph";

        public string WeightsPart => $"graphs/{Name}/weights";
    }

    public byte[] Write()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteStartArray("graphs");
        foreach (var graph in Graphs)
        {
            json.WriteStartObject();
            json.WriteString("name", graph.Name);
            json.WriteString("graphSha256", graph.GraphDigest);
            if (graph.WeightsDigest is not null)
            {
                json.WriteString("weightsSha256", graph.WeightsDigest);
            }

            if (graph.Optimization is GraphOptimization.Basic or GraphOptimization.Extended)
            {
                json.WriteString("optimization", graph.Optimization == GraphOptimization.Basic ? BasicOptimization : ExtendedOptimization);
                json.WriteBoolean("convolutions", graph.HasConvolutions);
            }

            WriteShapes(json, graph.Shapes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <exception cref="InferenceException">The part is not what a publisher's tool writes (<see cref="InferenceError.InvalidSettings"/>).</exception>
    public static ModelSettings Read(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 16 });
            var graphs = document.RootElement.GetProperty("graphs").EnumerateArray().Select(ReadGraph).ToList();
            return graphs.Count > 0 ? new ModelSettings(graphs) : throw new JsonException("it names no graph");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new InferenceException(InferenceError.InvalidSettings, $"The bundle's {PartName} can't be read: {e.Message} Ask the publisher to pack the model again.", e);
        }
    }

    private static Graph ReadGraph(JsonElement graph) => new(
        graph.GetProperty("name").GetString() is { } name && BundleNames.IsPartName(name) ? name : throw new JsonException("a graph has no name"),
        graph.GetProperty("graphSha256").GetString() ?? throw new JsonException("a graph has no digest"),
        graph.TryGetProperty("weightsSha256", out var weights) ? weights.GetString() : null)
    {
        Optimization = !graph.TryGetProperty("optimization", out var optimization) ? GraphOptimization.None
            : optimization.GetString() switch { BasicOptimization => GraphOptimization.Basic, ExtendedOptimization => GraphOptimization.Extended, _ => GraphOptimization.None },
        HasConvolutions = graph.TryGetProperty("convolutions", out var convolutions) && convolutions.GetBoolean(),
        Shapes = graph.TryGetProperty("shapes", out var shapes) ? shapes.EnumerateObject().ToDictionary(input => input.Name, input => ReadShape(input.Value), StringComparer.Ordinal) : new Dictionary<string, IReadOnlyList<long>>(),
    };

    private static void WriteShapes(Utf8JsonWriter json, IReadOnlyDictionary<string, IReadOnlyList<long>> shapes)
    {
        if (shapes.Count == 0)
        {
            return;
        }

        json.WriteStartObject("shapes");
        foreach (var (input, shape) in shapes.OrderBy(input => input.Key, StringComparer.Ordinal))
        {
            json.WriteStartArray(input);
            foreach (var size in shape)
            {
                json.WriteNumberValue(size);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static IReadOnlyList<long> ReadShape(JsonElement shape) =>
        [.. shape.EnumerateArray().Select(size => size.TryGetInt64(out var value) && value >= 0 ? value : throw new JsonException("a shape has a size that is none"))];
}
