namespace Coffer.Packaging;

/// <summary>Everything that nests in a model: graphs in attributes of nodes of graphs, and in functions.</summary>
internal static class OnnxWalk
{
    /// <summary>The nodes of the main graph and of every graph inside it, and of every function.</summary>
    public static IEnumerable<NodeProto> AllNodes(this ModelProto model) =>
        AllNodes(model.Graph.Node).Concat(model.Functions.SelectMany(function => AllNodes(function.Node).Concat(AllNodes(function.AttributeProto))));

    /// <summary>The nodes and, below each, those of the graphs in its attributes.</summary>
    public static IEnumerable<NodeProto> AllNodes(IEnumerable<NodeProto> nodes) =>
        nodes.SelectMany(node => AllNodes(node.Attribute).Prepend(node));

    /// <summary>The main graph, every graph inside it, and every graph inside a function.</summary>
    public static IEnumerable<GraphProto> AllGraphs(this ModelProto model) => model.Subgraphs().Prepend(model.Graph);

    /// <summary>Every graph but the main one.</summary>
    public static IEnumerable<GraphProto> Subgraphs(this ModelProto model) => model.AllAttributes().SelectMany(GraphsOf);

    /// <summary>The attributes of every node, and the defaults of functions' attributes.</summary>
    public static IEnumerable<AttributeProto> AllAttributes(this ModelProto model) =>
        model.AllNodes().SelectMany(node => node.Attribute).Concat(model.Functions.SelectMany(function => function.AttributeProto));

    /// <summary>The tensors that are attributes, dense ones and the halves of sparse ones.</summary>
    public static IEnumerable<TensorProto> AttributeTensors(this ModelProto model) => model.AllAttributes().SelectMany(TensorsOf);

    /// <summary>The two dense halves of a sparse tensor.</summary>
    public static IEnumerable<TensorProto> Halves(this SparseTensorProto sparse) =>
        new[] { sparse.Values, sparse.Indices }.Where(tensor => tensor is not null);

    private static IEnumerable<NodeProto> AllNodes(IEnumerable<AttributeProto> attributes) =>
        attributes.SelectMany(GraphsOf).SelectMany(graph => AllNodes(graph.Node));

    private static IEnumerable<GraphProto> GraphsOf(AttributeProto attribute) =>
        attribute.G is null ? attribute.Graphs : attribute.Graphs.Prepend(attribute.G);

    public static IEnumerable<TensorProto> TensorsOf(AttributeProto attribute)
    {
        var sparse = attribute.SparseTensor is null ? attribute.SparseTensors : attribute.SparseTensors.Prepend(attribute.SparseTensor);
        var tensors = attribute.Tensors.Concat(sparse.SelectMany(Halves));
        return attribute.T is null ? tensors : tensors.Prepend(attribute.T);
    }
}
