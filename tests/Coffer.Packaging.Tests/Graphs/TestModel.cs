using Google.Protobuf;

namespace Coffer.Packaging.Tests;

/// <summary>Models of a few nodes.</summary>
internal static class TestModel
{
    /// <summary>A model whose outputs are its initializers, each through an Identity node.</summary>
    public static ModelProto OfInitializers(params TensorProto[] initializers)
    {
        var graph = new GraphProto { Name = "test" };
        foreach (var tensor in initializers)
        {
            graph.Initializer.Add(tensor);
            graph.Node.Add(new NodeProto { OpType = "Identity", Input = { tensor.Name }, Output = { tensor.Name + "_out" } });
            graph.Output.Add(Value(tensor.Name + "_out", (OnnxDataType)tensor.DataType, [.. tensor.Dims]));
        }

        return Of(graph);
    }

    /// <summary>A model whose outputs are its initializers as float32: for element types that few operators take.</summary>
    public static ModelProto OfCasts(params TensorProto[] initializers)
    {
        var model = OfInitializers(initializers);
        model.OpsetImport[0].Version = 25;
        foreach (var (node, output) in model.Graph.Node.Zip(model.Graph.Output))
        {
            node.OpType = "Cast";
            node.Attribute.Add(new AttributeProto { Name = "to", Type = 2, I = (int)OnnxDataType.Float32 });
            output.Type.TensorType.ElemType = (int)OnnxDataType.Float32;
        }

        return model;
    }

    public static ModelProto Of(GraphProto graph, int opset = 23) => new()
    {
        IrVersion = 10,
        OpsetImport = { new OperatorSetIdProto { Domain = "", Version = opset } },
        Graph = graph,
    };

    public static TensorProto Floats(string name, params float[] values) =>
        new() { Name = name, DataType = (int)OnnxDataType.Float32, Dims = { values.Length }, FloatData = { values } };

    public static TensorProto External(string name, string location, long count, long? offset = null, long? length = null)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)OnnxDataType.Float32, Dims = { count }, DataLocation = 1 };
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
        foreach (var (key, value) in new[] { ("offset", offset), ("length", length) })
        {
            if (value is not null)
            {
                tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = $"{value}" });
            }
        }

        return tensor;
    }

    /// <summary>A dimension is a number, or a symbol.</summary>
    public static ValueInfoProto Value(string name, OnnxDataType type, params object[] shape)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = new TensorShapeProto() };
        tensor.Shape.Dim.Add(shape.Select(size => size is string symbol
            ? new TensorShapeProto.Types.Dimension { DimParam = symbol }
            : new TensorShapeProto.Types.Dimension { DimValue = Convert.ToInt64(size, System.Globalization.CultureInfo.InvariantCulture) }));
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }

    public static ValueInfoProto Value(string name, OnnxDataType type, long[] shape) => Value(name, type, [.. shape.Cast<object>()]);

    public static NodeProto Node(string type, string[] inputs, string[] outputs, params AttributeProto[] attributes) =>
        new() { OpType = type, Input = { inputs }, Output = { outputs }, Attribute = { attributes } };

    public static string Save(this ModelProto model, string path)
    {
        File.WriteAllBytes(path, model.ToByteArray());
        return path;
    }

    public static PackedGraph Pack(string path, GraphProofOptions? proof = null) =>
        GraphPacker.Pack(new ExportedGraph("model", null, path), [], proof, TestContext.Current.CancellationToken);
}
