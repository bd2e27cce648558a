using System.Globalization;
using Google.Protobuf;

namespace Coffer.Packaging;

/// <summary>
/// Moves the weights out of a graph: every initializer of the main graph that has <see cref="MinLength"/> bytes or more goes to one
/// weights part, and so does what a Constant node of the main graph holds. What ONNX Runtime takes only inline stays or becomes
/// inline: tensors in other attributes and in subgraphs, sparse initializers, strings.
/// </summary>
internal static class GraphExternaliser
{
    /// <summary>ONNX Runtime reads smaller tensors while it loads the graph: they are shapes and scalars that other nodes depend on.</summary>
    public const int MinLength = 128;

    private const int External = 1;

    // Protobuf's 2 GiB, less room for nodes and names.
    private const long MaxInlineLength = int.MaxValue - (64 << 20);

    /// <summary>Edits the model in place and returns its weights, in the order of the initializers.</summary>
    /// <exception cref="PackagingException">A tensor contradicts itself, or its external data is missing or outside the folder.</exception>
    public static WeightsPart Externalise(ModelProto model, ModelFolder folder)
    {
        LiftConstants(model.Graph);
        var layout = new WeightsLayout();
        var moved = new List<(TensorProto Tensor, int Number, long Length)>();
        foreach (var tensor in model.Graph.Initializer)
        {
            if (Move(tensor, folder) is { } segment)
            {
                moved.Add((tensor, layout.Add(segment), segment.Length));
            }
        }

        foreach (var tensor in InlineTensors(model).Where(tensor => tensor.DataLocation == External))
        {
            Inline(tensor, folder);
        }

        var (part, offsets) = layout.Place();
        foreach (var (tensor, number, length) in moved)
        {
            ClearData(tensor);
            tensor.DataLocation = External;
            tensor.ExternalData.Add(Entry("location", WeightsPart.Location));
            tensor.ExternalData.Add(Entry("offset", offsets[number].ToString(CultureInfo.InvariantCulture)));
            tensor.ExternalData.Add(Entry("length", length.ToString(CultureInfo.InvariantCulture)));
        }

        RefuseUnheldSize(model);
        return part;
    }

    /// <summary>
    /// Some exporters keep every weight in a Constant node. ONNX Runtime makes initializers of them when it loads the graph;
    /// here it happens before, so that those weights are not left in the graph.
    /// </summary>
    private static void LiftConstants(GraphProto graph)
    {
        var kept = new List<NodeProto>(graph.Node.Count);
        foreach (var node in graph.Node)
        {
            if (node is { OpType: "Constant", Domain: "" or "ai.onnx", Output.Count: 1, Attribute: [{ Name: "value", T: { } tensor }] }
                && TensorBytes.HasLayout(tensor)
                && TensorBytes.LengthOf(tensor) >= MinLength)
            {
                tensor.Name = node.Output[0];
                graph.Initializer.Add(tensor);
            }
            else
            {
                kept.Add(node);
            }
        }

        if (kept.Count < graph.Node.Count)
        {
            graph.Node.Clear();
            graph.Node.Add(kept);
        }
    }

    private static WeightsSegment? Move(TensorProto tensor, ModelFolder folder)
    {
        if (!TensorBytes.HasLayout(tensor) && tensor.DataLocation != External)
        {
            return null;
        }

        var length = TensorBytes.LengthOf(tensor);
        if (length < MinLength)
        {
            if (tensor.DataLocation == External)
            {
                Inline(tensor, folder);
            }

            return null;
        }

        return tensor.DataLocation == External
            ? new WeightsSegment.InFile(folder.Locate(tensor, length))
            : new WeightsSegment.InMemory(TensorBytes.Read(tensor));
    }

    private static IEnumerable<TensorProto> InlineTensors(ModelProto model) =>
        model.AttributeTensors()
            .Concat(model.Subgraphs().SelectMany(graph => graph.Initializer))
            .Concat(model.AllGraphs().SelectMany(graph => graph.SparseInitializer).SelectMany(OnnxWalk.Halves));

    private static void Inline(TensorProto tensor, ModelFolder folder)
    {
        var range = folder.Locate(tensor, TensorBytes.LengthOf(tensor));
        if (range.Length > MaxInlineLength)
        {
            throw TooLarge(range.Length);
        }

        var bytes = new byte[range.Length];
        using var stream = new WeightsStream([new WeightsSegment.InFile(range)]);
        stream.ReadExactly(bytes);
        ClearData(tensor);
        tensor.ClearDataLocation();
        tensor.RawData = UnsafeByteOperations.UnsafeWrap(bytes);
    }

    private static void ClearData(TensorProto tensor)
    {
        tensor.FloatData.Clear();
        tensor.Int32Data.Clear();
        tensor.Int64Data.Clear();
        tensor.DoubleData.Clear();
        tensor.Uint64Data.Clear();
        tensor.ClearRawData();
        tensor.ExternalData.Clear();
    }

    private static StringStringEntryProto Entry(string key, string value) => new() { Key = key, Value = value };

    private static void RefuseUnheldSize(ModelProto model)
    {
        // One tensor at a time: protobuf sizes are 32 bits wide, and the whole would overflow silently.
        var inline = InlineTensors(model).Concat(model.Graph.Initializer).Sum(tensor => (long)tensor.CalculateSize());
        if (inline > MaxInlineLength)
        {
            throw TooLarge(inline);
        }
    }

    private static PackagingException TooLarge(long bytes) => new(
        PackagingError.TooLarge,
        $"The model keeps {bytes} bytes in subgraphs and in attributes of nodes, which ONNX Runtime takes inside the graph only; at most {MaxInlineLength} fit there. Export it so that large constants are initializers of the main graph.");
}
