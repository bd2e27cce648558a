using Google.Protobuf.Collections;

namespace Coffer.Packaging;

/// <summary>
/// Takes out of a model what execution does not need and what tells about its making: doc strings, producer, version, training
/// paths, names of nodes, metadata, training information, annotations for quantizers, placement for clusters, tensors that nothing uses.
/// Names and symbolic dimensions of inputs and outputs stay: they are how the model is called. Names of values stay: nodes refer to each other by them. Types
/// of intermediate values stay where a node makes the value: shapes that the exporter knew, and ONNX Runtime can't infer, decide
/// which rewrites and which execution providers a node gets.
/// </summary>
internal sealed class GraphSanitiser
{
    // A graph must have a name; what it is called tells the exporter.
    private const string GraphName = "graph";

    private readonly ModelProto _model;
    private readonly HashSet<string> _keptMetadata;

    private GraphSanitiser(ModelProto model, IEnumerable<string> keptMetadata)
    {
        _model = model;
        _keptMetadata = new HashSet<string>(keptMetadata, StringComparer.Ordinal);
    }

    /// <summary>Edits the model in place.</summary>
    /// <param name="model">The model.</param>
    /// <param name="keptMetadata">
    /// The allow-list: keys of the model's <c>metadata_props</c> that stay. None is the rule. ONNX Runtime needs none, and its <c>ort_config</c> would
    /// let a model choose session options; Coffer's predictors take their settings from the files beside the model. An application that reads
    /// keys of its own from the packed model lists them here.
    /// </param>
    public static void Sanitise(ModelProto model, IEnumerable<string> keptMetadata)
    {
        var sanitiser = new GraphSanitiser(model, keptMetadata);
        sanitiser.CleanModel();
        foreach (var function in model.Functions)
        {
            CleanFunction(function);
        }

        foreach (var graph in model.AllGraphs())
        {
            CleanGraph(graph);
        }

        foreach (var node in model.AllNodes())
        {
            CleanNode(node);
        }

        foreach (var attribute in model.AllAttributes())
        {
            CleanAttribute(attribute);
        }
    }

    private void CleanModel()
    {
        _model.ClearProducerName();
        _model.ClearProducerVersion();
        _model.ClearDomain();
        _model.ClearModelVersion();
        _model.ClearDocString();
        _model.TrainingInfo.Clear();
        _model.Configuration.Clear();
        RemoveWhere(_model.MetadataProps, entry => !_keptMetadata.Contains(entry.Key));
        RemoveUnusedFunctions();
        RemoveUnusedInitializers();
    }

    private void RemoveUnusedFunctions()
    {
        var bodies = _model.Functions.ToLookup(function => (function.Domain, function.Name));
        var used = new HashSet<(string, string)>();
        var open = new Stack<NodeProto>(OnnxWalk.AllNodes(_model.Graph.Node));
        while (open.TryPop(out var node))
        {
            if (used.Add((node.Domain, node.OpType)))
            {
                foreach (var inner in bodies[(node.Domain, node.OpType)].SelectMany(function => OnnxWalk.AllNodes(function.Node)))
                {
                    open.Push(inner);
                }
            }
        }

        RemoveWhere(_model.Functions, function => !used.Contains((function.Domain, function.Name)));
    }

    private void RemoveUnusedInitializers()
    {
        // A graph inside the graph sees the outer values by name. An initializer that is an input too is the input's default.
        var graph = _model.Graph;
        var used = new HashSet<string>(StringComparer.Ordinal);
        used.UnionWith(OnnxWalk.AllNodes(graph.Node).SelectMany(node => node.Input));
        used.UnionWith(_model.Subgraphs().SelectMany(inner => inner.Output).Select(output => output.Name));
        used.UnionWith(graph.Input.Concat(graph.Output).Select(value => value.Name));
        RemoveWhere(graph.Initializer, tensor => !used.Contains(tensor.Name));
        RemoveWhere(graph.SparseInitializer, tensor => !used.Contains(tensor.Values?.Name ?? ""));
    }

    private static void CleanFunction(FunctionProto function)
    {
        function.ClearDocString();
        function.MetadataProps.Clear();
        CleanValues(function.ValueInfo, function.Node);
    }

    private static void CleanGraph(GraphProto graph)
    {
        graph.Name = GraphName;
        graph.ClearDocString();
        graph.MetadataProps.Clear();
        graph.QuantizationAnnotation.Clear();
        CleanValues(graph.ValueInfo, graph.Node);
        foreach (var value in graph.Input.Concat(graph.Output))
        {
            CleanValue(value);
        }

        foreach (var tensor in graph.Initializer.Concat(graph.SparseInitializer.SelectMany(OnnxWalk.Halves)))
        {
            CleanTensor(tensor);
        }
    }

    private static void CleanValues(RepeatedField<ValueInfoProto> values, RepeatedField<NodeProto> nodes)
    {
        var made = nodes.SelectMany(node => node.Output).ToHashSet(StringComparer.Ordinal);
        RemoveWhere(values, value => !made.Contains(value.Name));
        foreach (var value in values)
        {
            CleanValue(value);
        }
    }

    private static void CleanNode(NodeProto node)
    {
        node.ClearName();
        node.ClearDocString();
        node.MetadataProps.Clear();
        node.DeviceConfigurations.Clear();
    }

    private static void CleanAttribute(AttributeProto attribute)
    {
        attribute.ClearDocString();
        foreach (var tensor in OnnxWalk.TensorsOf(attribute))
        {
            CleanTensor(tensor);
            tensor.ClearName();
        }
    }

    private static void CleanValue(ValueInfoProto value)
    {
        value.ClearDocString();
        value.MetadataProps.Clear();
    }

    private static void CleanTensor(TensorProto tensor)
    {
        tensor.ClearDocString();
        tensor.MetadataProps.Clear();
    }

    private static void RemoveWhere<T>(RepeatedField<T> items, Func<T, bool> isUnneeded)
    {
        for (var i = items.Count - 1; i >= 0; i--)
        {
            if (isUnneeded(items[i]))
            {
                items.RemoveAt(i);
            }
        }
    }
}
